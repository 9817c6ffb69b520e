//! The code around a program: all forms of its root's derivative as closures over rows of numbers, for
//! `grad_fuzz_runtime::Case`.

use crate::program::{Inner, Program};
use crate::types::{By, Data, Struct, Ty};
use std::fmt::Write;

impl Program {
    fn differentiated(&self) -> impl Iterator<Item = (usize, &crate::program::Arg)> {
        self.args.iter().enumerate().filter(|(_, arg)| arg.active)
    }

    fn has_outputs(&self) -> bool {
        self.args.iter().any(|arg| arg.active && arg.by == By::Mut)
    }

    fn is_scalar(&self) -> bool {
        self.result.is_float() && !self.has_outputs()
    }

    /// `let mut a0 = …;` for all arguments; those that are differentiated are read from `r`.
    fn arguments(&self, module: &str) -> String {
        let constant = if module == "witness" { "D64::lit(0.5)" } else { "0.5" };
        let one = |(k, arg): (usize, &crate::program::Arg)| {
            format!(
                "let mut a{k} = {};",
                arg.data.read().replace("MODULE", module).replace("CONSTANT", constant)
            )
        };
        self.args.iter().enumerate().map(one).collect()
    }

    /// `a0, &a1, &mut a2`, with another letter for what goes with the differentiated ones.
    fn passed(&self, letter: char, only_differentiated: bool) -> String {
        let mut text = String::new();
        for (k, arg) in self.args.iter().enumerate() {
            if only_differentiated && !arg.active {
                continue;
            }
            let sign = match arg.by {
                By::Value => "",
                By::Ref => "&",
                By::Mut => "&mut ",
            };
            write!(text, "{sign}{letter}{k}, ").expect("a `String` takes everything");
        }
        text
    }

    /// `&result, &a1`: the result, and what is written.
    fn results(&self, result: &str, letter: char) -> String {
        let mut text = format!("&{result}, ");
        for (k, _) in self.differentiated().filter(|(_, arg)| arg.by == By::Mut) {
            write!(text, "&{letter}{k}, ").expect("a `String` takes everything");
        }
        text
    }

    fn read_others(&self, letter: char) -> String {
        let read = |(k, arg): (usize, &crate::program::Arg)| {
            format!("let mut {letter}{k} = {};", arg.data.read_tangent("source"))
        };
        self.differentiated().map(read).collect()
    }

    /// Tangents side by side of structs have types that nobody writes.
    fn has_structs(&self) -> bool {
        self.differentiated().any(|(_, arg)| arg.data.holds_struct())
    }

    /// Where a function is called, and the names in scope there.
    fn begin(&self) -> String {
        format!("let mut r = Numbers(at); {}", self.arguments("source"))
    }

    /// Whether its witness rounds as it does.
    fn rounding(&self) -> &'static str {
        if self.inner.iter().any(|inner| self.source.contains(&format!("{}::", inner.name))) {
            "Apart"
        } else if self.source.contains(".powi(") {
            "OfPowers"
        } else {
            "Alike"
        }
    }

    /// The function that compares the derivatives.
    pub fn driver(&self) -> String {
        let (f, begin) = (format!("source::{}", self.root), self.begin());
        let (args, results) = (self.passed('a', false), self.results("result", 'a'));
        let is_output: Vec<String> = self
            .differentiated()
            .flat_map(|(_, arg)| vec![(arg.by == By::Mut).to_string(); arg.data.floats()])
            .collect();
        let blocks: Vec<String> =
            self.differentiated().map(|(_, arg)| arg.data.floats().to_string()).collect();
        let witness_args = self.arguments("witness");
        let mut fields = format!(
            "start: &{:?}, is_output: &[{}], blocks: &[{}], single: {}, differences: {}, rounding: Rounding::{},
            primal: &|at| {{ {begin} let result = {f}({args}); Observed::of(&[{results}]) }},
            witness: &|r| {{ {witness_args} let result = witness::{}({args}); Results::of(&[{results}]) }},",
            self.start,
            is_output.join(", "),
            blocks.join(", "),
            self.single,
            !self.source.contains("constant("),
            self.rounding(),
            self.root
        );
        fields += &self.reverse(&f, &begin, &args);
        fields += &self.forward(&f, &begin, &args);
        fields += &self.second(&f, &begin, &args);
        format!("pub fn run() -> Verdict {{ Case {{ {fields} }}.check() }}")
    }

    fn reverse(&self, f: &str, begin: &str, args: &str) -> String {
        let mut text = String::new();
        if self.is_scalar() {
            let buffers = self.read_others('b');
            let after: String = self.differentiated().map(|(k, _)| format!("&b{k}, ")).collect();
            let into: String = self.differentiated().map(|(k, _)| format!("&mut b{k}, ")).collect();
            // Where all cotangents are returned there are no buffers.
            let numbers = self.differentiated().all(|(_, arg)| matches!(arg.data, Data::F64 | Data::F32));
            let grad_into = format!(
                "(\"grad_into\", &|at| {{ {begin} let zeros = vec![0.5; at.len()]; let mut r = Numbers(&zeros);
                    {buffers} let v = {f}::grad_into({args}{into});
                    (Some(Observed::of(&[&v])), floats(&[{after}])) }}),"
            );
            let grad_into = if numbers { "" } else { &grad_into };
            write!(
                text,
                "gradients: &[
                    (\"grad\", &|at| {{ {begin} let g = {f}::grad({args}); (None, floats(&[&g])) }}),
                    (\"value_and_grad\", &|at| {{ {begin} let (v, g) = {f}::value_and_grad({args});
                        (Some(Observed::of(&[&v])), floats(&[&g])) }}),
                    {grad_into}
                ],"
            )
        } else {
            write!(text, "gradients: &[],")
        }
        .expect("a `String` takes everything");
        if self.has_outputs() {
            text += "vjp: None,";
        } else {
            write!(
                text,
                "vjp: Some(&|at, seeds| {{ {begin} let (v, pullback) = {f}::vjp({args});
                    let g = pullback(v.bar(&mut Numbers(seeds))); (Observed::of(&[&v]), floats(&[&g])) }}),"
            )
            .expect("a `String` takes everything");
        }
        let add = |module: &str| self.vjp_add(&format!("{module}::{}", self.root), module, args);
        write!(text, "vjp_add: Some({}),", add("source")).expect("a `String` takes everything");
        if self.checkpoint {
            write!(text, "checkpointed: Some({}),", add("checkpointed"))
        } else {
            write!(text, "checkpointed: None,")
        }
        .expect("a `String` takes everything");
        text += &self.jacobians(f, begin, args);
        text
    }

    /// Seeds for the result and the outputs have their shape after the call, so that the function runs first.
    fn vjp_add(&self, f: &str, module: &str, args: &str) -> String {
        let begin = format!("let mut r = Numbers(at); {}", self.arguments(module));
        let is_output = |k: usize| self.args[k].by == By::Mut;
        let buffer = |(k, arg): (usize, &crate::program::Arg)| {
            if is_output(k) {
                format!("for _ in 0..{} {{ r.f64(); }}", arg.data.floats())
            } else {
                format!("let mut b{k} = {};", arg.data.read_tangent(module))
            }
        };
        let buffers: String = self.differentiated().map(buffer).collect();
        let bars: String = self
            .differentiated()
            .filter(|(k, _)| is_output(*k))
            .map(|(k, _)| format!("let mut b{k} = a{k}.bar(&mut r);"))
            .collect();
        let into: String = self.differentiated().map(|(k, _)| format!("&mut b{k}, ")).collect();
        let after: String = self.differentiated().map(|(k, _)| format!("&b{k}, ")).collect();
        let results = self.results("result", 'a');
        format!(
            "&|at, seeds, buffers| {{
                let mut r = Numbers(buffers); {buffers}
                {begin} let result = {f}({args});
                let mut r = Numbers(seeds); let seed = result.bar(&mut r); {bars}
                {begin} let result = {f}::vjp_add({args}{}{into});
                (Observed::of(&[{results}]), floats(&[{after}])) }}",
            if self.result == Ty::Unit { "" } else { "seed, " },
        )
    }

    fn jacobians(&self, f: &str, begin: &str, args: &str) -> String {
        if self.has_outputs() || self.result.is_float() || self.result == Ty::Unit {
            return "jacobians: &[], jacobian_rows: None,".into();
        }
        format!(
            "jacobians: &[
                (\"jacobian\", &|at| {{ {begin} let j = {f}::jacobian({args}); floats(&[&j]) }}),
                (\"value_and_jacobian\", &|at| {{ {begin} let (_, j) = {f}::value_and_jacobian({args}); floats(&[&j]) }}),
            ],
            jacobian_rows: Some(&|at, seeds| {{ {begin} let v = {f}({args}); {begin}
                let (v, g) = {f}::jacobian_rows({args} &[v.bar(&mut Numbers(seeds))]);
                (Observed::of(&[&v]), floats(&[&g[0]])) }}),"
        )
    }

    fn forward(&self, f: &str, begin: &str, args: &str) -> String {
        let (tangents, dots) = (self.read_others('d'), self.passed('d', true));
        let (results, result_dots) = (self.results("v", 'a'), self.results("dot", 'd'));
        let call = |form: &str| {
            if self.result == Ty::Unit {
                format!("let v = (); let dot = (); {f}::{form}({args}{dots});")
            } else {
                format!("let (v, dot) = {f}::{form}({args}{dots});")
            }
        };
        let form = |name: &str, numbers: &str| {
            format!(
                "{name}: Some(&|at, along| {{ {begin} let mut r = {numbers}(along); {tangents} {}
                (Observed::of(&[{results}]), floats(&[{result_dots}])) }}),",
                call(name)
            )
        };
        let jvp_n = if self.has_structs() { "jvp_n: None,".to_owned() } else { form("jvp_n", "ThreeRows") };
        form("jvp", "Numbers") + &jvp_n
    }

    fn second(&self, f: &str, begin: &str, args: &str) -> String {
        if !self.second || !self.is_scalar() {
            return "hvp: None, hvp_n: None, hessian: None,".into();
        }
        let (tangents, dots) = (self.read_others('d'), self.passed('d', true));
        let flat = |data: &Data| match data {
            Data::F64 | Data::F32 => true,
            Data::Array(parts) | Data::Vec(parts) => {
                parts.iter().all(|part| matches!(part, Data::F64 | Data::F32))
            }
            Data::Tuple(_) | Data::Struct(..) | Data::Text(_) => false,
        };
        let hessian = if self.differentiated().all(|(_, arg)| flat(&arg.data)) {
            format!("Some(&|at| {{ {begin} let h = {f}::hessian({args}); floats(&[&h]) }})")
        } else {
            "None".to_owned()
        };
        let hvp_n = if self.has_structs() {
            "None".to_owned()
        } else {
            format!(
                "Some(&|at, along| {{ {begin} let mut r = ThreeRows(along); {tangents}
                let (g, p) = {f}::hvp_n({args}{dots}); (floats(&[&g]), floats(&[&p])) }})"
            )
        };
        format!(
            "hvp: Some(&|at, along| {{ {begin} let mut r = Numbers(along); {tangents}
                let (g, p) = {f}::hvp({args}{dots}); (floats(&[&g]), floats(&[&p])) }}),
            hvp_n: {hvp_n}, hessian: {hessian},"
        )
    }
}

/// How the structs of a module, and their tangents, are read as rows of numbers.
pub(crate) fn structs(module: &str) -> String {
    let mut text = String::new();
    for of in Struct::ALL {
        let (name, fields) = (of.name(), of.fields());
        let each = |action: &str| -> String {
            fields.iter().map(|(field, _)| format!("self.{field}.{action}(into);")).collect()
        };
        if module == "witness" {
            text += &format!(
                "impl Outcome for witness::{name} {{ fn collect(&self, into: &mut Results) {{ {} }} }}\n",
                each("collect")
            );
            continue;
        }
        for ty in [name.to_owned(), format!("{name}Tangent")] {
            text += &format!(
                "impl Observe for {module}::{ty} {{ fn observe(&self, into: &mut Observed) {{ {} }} }}\n",
                each("observe")
            );
        }
        let bars: Vec<String> =
            fields.iter().map(|(field, _)| format!("{field}: self.{field}.bar(from)")).collect();
        text += &format!(
            "impl Seeded for {module}::{name} {{ type Bar = {module}::{name}Tangent;
                fn bar(&self, from: &mut Numbers) -> Self::Bar {{ {module}::{name}Tangent {{ {} }} }} }}\n",
            bars.join(", ")
        );
    }
    text
}

/// The derivatives of a function that are asked for inside of the program: a module beside it. For the witness they are
/// computed; without numbers of its own there are only their types.
pub(crate) fn inner_derivatives(inner: &Inner, witness: bool) -> String {
    let float = if witness { "::grad_fuzz_runtime::D64" } else { "f64" };
    let text = |ty: &Ty| ty.text().replace("f64", float);
    let mut lists: [Vec<String>; 6] = Default::default();
    let [params, dots, points, names, passed, gradients] = &mut lists;
    let mut along = String::new();
    for (k, (ty, by)) in inner.params.iter().enumerate() {
        let by_value = *by == By::Value;
        let (sign, star) = if by_value { ("", "*") } else { ("&", "") };
        params.push(format!("a{k}: {sign}{}", text(ty)));
        dots.push(format!("d{k}: {sign}{}", text(ty)));
        points.push(if by_value { format!("&a{k}") } else { format!("a{k}") });
        names.push(format!("a{k}"));
        passed.push(format!("{star}a{k}"));
        gradients.push(match ty {
            Ty::Slice(of) => format!("Vec<{}>", text(of)),
            ty => text(ty),
        });
        let gradient = if inner.params.len() == 1 { "g".to_owned() } else { format!("g.{k}") };
        let dot = if by_value { format!("&d{k}") } else { format!("d{k}") };
        along += &format!("sum = sum + ::grad_fuzz_runtime::inner(&{gradient}, {dot});");
    }
    let [params, dots, points, names, passed, gradients] = lists.map(|list| list.join(", "));
    let name = &inner.name;
    let several = inner.params.len() > 1;
    let of = if several { "gradient_of_two" } else { "gradient" };
    let gradient = if several { format!("({gradients})") } else { gradients };
    let (both, jvp) = if witness {
        (
            format!("::grad_fuzz_runtime::{of}({points}, |{names}| super::{name}({passed}))"),
            format!(
                "let (value, g) = value_and_grad({names}); let mut sum = {float}::lit(0.0); {along} (value, sum)"
            ),
        )
    } else {
        ("unimplemented!()".into(), "unimplemented!()".into())
    };
    format!(
        "pub mod {name} {{
            pub fn value_and_grad({params}) -> ({float}, {gradient}) {{ {both} }}
            pub fn grad({params}) -> {gradient} {{ value_and_grad({names}).1 }}
            pub fn jvp({params}, {dots}) -> ({float}, {float}) {{ {jvp} }}
        }}"
    )
}
