//! Functions whose frame is given and whose body is random: with rules of their own, generic, recursive, and those whose
//! derivative is asked for inside of the program.

use super::Generator;
use super::call::Function;
use crate::program::{Inner, Param};
use crate::types::{By, Ty};

fn param(name: &str, ty: Ty, by: By, lens: &[usize]) -> Param {
    Param { name: name.into(), ty, by, active: true, lens: lens.to_vec() }
}

impl Generator {
    /// Now and then some of them, to be called like the others.
    pub(super) fn templates(&mut self) -> String {
        let mut text = String::new();
        if self.random.percent(8) {
            self.with_a_rule(&mut text);
        }
        if self.random.percent(14) {
            self.whose_derivative_is_asked_for(&mut text);
        }
        if self.random.percent(5) {
            self.generic(&mut text);
        }
        if self.random.percent(5) {
            self.recursive(&mut text);
        }
        if self.random.percent(4) {
            self.recursive_in_turn(&mut text);
        }
        if self.random.percent(9) {
            self.filling(&mut text);
        }
        if self.random.percent(4) {
            self.note("const fn");
            let attribute = self.plain_attribute();
            text += &format!("{attribute} const fn twice(x: f64) -> f64 {{ x + x * 1.5 }}\n");
            self.callable("twice", vec![param("x", Ty::F64, By::Value, &[])]);
        }
        text
    }

    fn callable(&mut self, path: &str, params: Vec<Param>) {
        self.functions.push(Function {
            path: path.into(),
            params,
            result: Ty::F64,
            lens: vec![],
            derivable: false,
        });
    }

    pub(super) fn plain_attribute(&self) -> &'static str {
        if self.second { "#[grad(second)]" } else { "#[grad]" }
    }

    fn with_a_rule(&mut self, text: &mut String) {
        self.note("a rule of one's own");
        let (hvp, body) = if self.second {
            (
                ", hvp = curve_hvp_rule",
                "fn curve_hvp_rule(x: f64, v: f64) -> (f64, f64) { (2.0 * x, 2.0 * v) }",
            )
        } else {
            ("", "")
        };
        *text += &format!(
            "#[grad(vjp = curve_vjp_rule, jvp = curve_jvp_rule{hvp})]
            fn curve(x: f64) -> f64 {{ x * x }}
            fn curve_vjp_rule(x: f64) -> (f64, impl FnOnce(f64) -> f64) {{ (x * x, move |bar| 2.0 * x * bar) }}
            fn curve_jvp_rule(x: f64, dot: f64) -> (f64, f64) {{ (x * x, 2.0 * x * dot) }}
            {body}\n"
        );
        self.callable("curve", vec![param("x", Ty::F64, By::Value, &[])]);
    }

    /// A function without calls: its derivatives end with the order that is asked for.
    fn whose_derivative_is_asked_for(&mut self, text: &mut String) {
        let attribute = if self.second {
            self.note("third");
            "third"
        } else {
            "second"
        };
        let lists = [
            vec![param("x", Ty::F64, By::Value, &[])],
            vec![param("v", Ty::slice(Ty::F64), By::Ref, &[2])],
            vec![param("a", Ty::array(Ty::F64, 2), By::Value, &[])],
            vec![param("x", Ty::F64, By::Value, &[]), param("y", Ty::F64, By::Value, &[])],
        ];
        let params = self.random.pick(&lists).clone();
        let functions = std::mem::take(&mut self.functions);
        let hooks = std::mem::replace(&mut self.hooks, false);
        let (signature, body) = self.function("potential", &params, Ty::F64, 14);
        (self.hooks, self.functions) = (hooks, functions);
        *text += &format!("#[grad({attribute})]\n{signature} {{ {body} }}\n");
        let list = params.iter().map(|param| (param.ty.clone(), param.by)).collect();
        self.inner.push(Inner { name: "potential".into(), params: list });
        self.callable("potential", params);
        self.functions.last_mut().expect("it was just put there").derivable = true;
    }

    /// The body of a template: an expression of its parameters.
    pub(super) fn body(&mut self, params: &[Param]) -> String {
        let functions = std::mem::take(&mut self.functions);
        self.frame(params, &Ty::F64, 10);
        let value = self.unknown(|cx| cx.float(3));
        self.functions = functions;
        value
    }

    fn generic(&mut self, text: &mut String) {
        self.note("const generics");
        let inner = [param("x", Ty::F64, By::Ref, &[]), param("y", Ty::F64, By::Value, &[])];
        let (body, attribute) = (self.body(&inner), self.plain_attribute());
        *text += &format!(
            "{attribute}\nfn generic<const N: usize>(a: &[f64; N], y: f64) -> f64 {{
                let mut s = y; for x in a {{ s += {body}; }} s / N as f64 }}\n"
        );
        self.callable(
            "generic",
            vec![param("a", Ty::array(Ty::F64, 2), By::Ref, &[]), param("y", Ty::F64, By::Value, &[])],
        );
        self.callable(
            "generic",
            vec![param("a", Ty::array(Ty::F64, 3), By::Ref, &[]), param("y", Ty::F64, By::Value, &[])],
        );
    }

    /// Fills a `Vec` whose type nobody else says.
    fn filling(&mut self, text: &mut String) {
        let body = self.body(&[param("x", Ty::F64, By::Ref, &[])]);
        let attribute = self.plain_attribute();
        *text += &format!(
            "{attribute}\nfn filling(out: &mut Vec<f64>, v: &[f64]) {{ for x in v {{ out.push({body}); }} }}\n"
        );
        let params = vec![
            param("out", Ty::vec(Ty::F64), By::Mut, &[0]),
            param("v", Ty::slice(Ty::F64), By::Ref, &[1]),
        ];
        self.functions.push(Function {
            path: "filling".into(),
            params,
            result: Ty::Unit,
            lens: vec![],
            derivable: false,
        });
    }

    /// Constants of a type of one's own, of which one is chosen.
    pub(super) fn chosen(&mut self) -> String {
        self.note("one of constants of a type of one's own");
        let x = param("x", Ty::F64, By::Value, &[]);
        let n = Param { active: false, ..param("n", Ty::Usize, By::Value, &[3]) };
        let by = *self.random.pick(&[
            "if k % 2 == 0 { &ts[0] } else { &ts[2] }",
            "match k { 0 => &ts[1], 1 => &ts[0], _ => &ts[2] }",
            "ts.get(k + 1).unwrap_or(&ts[0])",
            "ts.iter().find(|t| t.n == k).unwrap_or(&ts[1])",
            "ts.iter().max_by_key(|t| t.n ^ k).unwrap()",
            "ts.iter().rev().min_by(|a, b| a.scale.total_cmp(&b.scale)).unwrap()",
            "ts.last().unwrap()",
            "{ let mut best = &ts[0]; for t in ts { if t.n > best.n + k { best = t; } } best }",
            "chosen_by(ts, k)",
            "match ts.iter().find(|t| t.n > k) { Some(t) => t, None => &ts[0] }",
        ]);
        let next = self.body(std::slice::from_ref(&x));
        let body = match self.random.below(3) {
            0 => format!("let k = n; let t = {by}; let y = {next}; look(t, y) * x + look(t, x)"),
            1 => format!("let mut s = x; for k in 0..n {{ let t = {by}; s = look(t, s) * 0.5 + x; }} s"),
            _ => format!(
                "let k = n; if x > 0.3 {{ let t = {by}; look(t, {next}) }} else {{ x * look(&ts[0], x) }}"
            ),
        };
        let second = if self.second { "second, " } else { "" };
        let attribute = self.plain_attribute();
        self.callable("chosen", vec![x, n]);
        format!(
            "#[derive(Clone)] pub struct Table {{ n: usize, scale: f64, values: Vec<f64> }}
            fn tables() -> Vec<Table> {{ vec![
                Table {{ n: 1, scale: 0.5, values: vec![0.25, 1.5] }},
                Table {{ n: 2, scale: -1.25, values: vec![] }},
                Table {{ n: 0, scale: 0.75, values: vec![-0.5] }},
            ] }}
            fn chosen_by(ts: &[Table], k: usize) -> &Table {{ &ts[k % ts.len()] }}
            #[grad({second}wrt(x))]
            fn look(t: &Table, x: f64) -> f64 {{ let mut s = t.scale * x; for v in &t.values {{ s += (*v * x).sin(); }} s }}
            #[grad({second}wrt(x))]
            fn chosen_of(ts: &[Table], x: f64, n: usize) -> f64 {{ {body} }}
            {attribute}
            fn chosen(x: f64, n: usize) -> f64 {{ let ts = tables(); chosen_of(&ts, x, n) }}\n"
        )
    }

    fn recursive(&mut self, text: &mut String) {
        self.note("recursion");
        let (x, n) = (
            param("x", Ty::F64, By::Value, &[]),
            Param { active: false, ..param("n", Ty::Usize, By::Value, &[3]) },
        );
        let (end, next) = (self.body(std::slice::from_ref(&x)), self.body(std::slice::from_ref(&x)));
        let attribute = self.plain_attribute();
        *text += &format!(
            "{attribute}\nfn again(x: f64, n: usize) -> f64 {{
                if n == 0 {{ return {end}; }} let y = {next}; 0.5 * y + again(y.sin(), n - 1) * x }}\n"
        );
        self.callable("again", vec![x, n]);
    }

    fn recursive_in_turn(&mut self, text: &mut String) {
        self.note("recursion in turn");
        let (x, n) = (
            param("x", Ty::F64, By::Value, &[]),
            Param { active: false, ..param("n", Ty::Usize, By::Value, &[3]) },
        );
        let next = self.body(std::slice::from_ref(&x));
        let (attribute, second) = (self.plain_attribute(), if self.second { "second, " } else { "" });
        *text += &format!(
            "#[grad({second}recursive)]\nfn ping(x: f64, n: usize) -> f64 {{ if n == 0 {{ x }} else {{ pong({next}, n - 1) }} }}
            {attribute}\nfn pong(x: f64, n: usize) -> f64 {{ if n == 0 {{ x * x }} else {{ x * ping(x.sin(), n - 1) }} }}\n"
        );
        self.callable("ping", vec![x, n]);
    }
}
