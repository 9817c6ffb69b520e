//! Types of the program's own with derivatives: structs, their methods and operators; functions that fail, that are generic
//! over their floats, and that take functions.

use super::Generator;
use super::call::Function;
use crate::program::Param;
use crate::types::{By, Struct, Ty};

const STRUCTS: &str = "
#[derive(Clone, Copy, grad::Differentiable)]
pub struct Body { pub m: f64, pub at: [f64; 2] }
#[derive(Clone, grad::Differentiable)]
pub struct Layer { pub w: Vec<f64>, pub b: f64, pub n: usize }
";

/// The operators that a program may have for `Body`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Operator {
    Add,
    SubOfReferences,
    MulByNumber,
    NumberTimes,
    Neg,
    AddAssign,
    MulAssignByNumber,
}

const OPERATORS: [Operator; 7] = [
    Operator::Add,
    Operator::SubOfReferences,
    Operator::MulByNumber,
    Operator::NumberTimes,
    Operator::Neg,
    Operator::AddAssign,
    Operator::MulAssignByNumber,
];

/// What may fail, and how many numbers it takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Fallible {
    Option,
    Result,
}

pub(super) fn param(name: &str, ty: Ty, by: By, lens: &[usize]) -> Param {
    Param { name: name.into(), ty, by, active: true, lens: lens.to_vec() }
}

/// What `wrt` has to name where there are structs among the parameters.
pub(super) fn named(params: &[Param]) -> Option<Vec<String>> {
    params.iter().any(|param| param.ty.holds_struct() || param.ty == Ty::Own).then(|| differentiated(params))
}

/// Outputs are differentiated without a word, but for those whose type only a name tells.
pub(super) fn differentiated(params: &[Param]) -> Vec<String> {
    let is_named = |param: &&Param| param.active && (param.by != By::Mut || param.ty.holds_struct());
    params.iter().filter(is_named).map(|param| param.name.clone()).collect()
}

impl Generator {
    /// Structs, and what there is for them.
    pub(super) fn structs(&mut self) -> String {
        self.note("#[derive(Differentiable)]");
        let mut text = STRUCTS.to_owned();
        for k in 0..self.random.between(0, 3) {
            text += &self.method(k);
        }
        for operator in OPERATORS {
            if self.random.percent(30) {
                text += &self.operator(operator);
            }
        }
        text
    }

    /// A type for a variable or a parameter that is, or holds, a struct.
    pub(super) fn struct_type(&mut self) -> Ty {
        let [body, layer] = Struct::ALL.map(Ty::Struct);
        let types = [
            body.clone(),
            body.clone(),
            body.clone(),
            layer.clone(),
            layer.clone(),
            Ty::array(body.clone(), 2),
            Ty::pair(body.clone(), Ty::F64),
            Ty::vec(body),
            Ty::vec(layer),
        ];
        self.random.pick(&types).clone()
    }

    pub(super) fn struct_param(&mut self, outputs: bool) -> (Ty, By) {
        let [body, layer] = Struct::ALL.map(Ty::Struct);
        if outputs && self.random.percent(30) {
            let types = [body.clone(), body.clone(), layer, Ty::slice(body)];
            return (self.random.pick(&types).clone(), By::Mut);
        }
        if self.random.percent(40) {
            let types = [body.clone(), body.clone(), layer, Ty::array(body, 2)];
            return (self.random.pick(&types).clone(), By::Value);
        }
        let types =
            [body.clone(), body.clone(), layer.clone(), layer.clone(), Ty::slice(body), Ty::slice(layer)];
        (self.random.pick(&types).clone(), By::Ref)
    }

    /// `#[grad] impl Body { fn m0(&self, …) … }`
    fn method(&mut self, k: usize) -> String {
        let of = *self.random.pick(&Struct::ALL);
        let ty = Ty::Struct(of);
        let by = *self.random.pick(&[By::Ref, By::Ref, By::Ref, By::Mut, By::Value]);
        let lens = if of == Struct::Layer { vec![self.random.between(1, 2)] } else { vec![] };
        let mut params = vec![param("self", ty.clone(), by, &lens)];
        params.extend(self.params(false, 2));
        let results = [
            (Ty::F64, 20),
            (ty.clone(), if ty.is_copy() { 12 } else { 0 }),
            (Ty::array(Ty::F64, 2), 5),
            (Ty::vec(Ty::F64), 3),
            (Ty::Unit, if by == By::Mut { 40 } else { 0 }),
        ];
        let weights: Vec<usize> = results.iter().map(|(_, weight)| *weight).collect();
        let result = results[self.random.weighted(&weights)].0.clone();
        let lens = if matches!(result, Ty::Vec(_)) { vec![self.random.between(1, 3)] } else { vec![] };
        self.result_lens.clone_from(&lens);
        let name = format!("m{k}");
        let (signature, body) = self.function(&name, &params, result.clone(), 20);
        let second = if self.second { "second, " } else { "" };
        let wrt = differentiated(&params).join(", ");
        self.note("method");
        let text =
            format!("#[grad({second}wrt({wrt}))]\nimpl {0} {{ pub {signature} {{ {body} }} }}\n", of.name());
        let path = format!("{}::{name}", of.name());
        self.functions.push(Function { path, params, result, lens, derivable: false });
        text
    }

    /// Parameters that are written without `mut`.
    fn frame_of_constants(&mut self, params: &[Param], result: &Ty, budget: isize) {
        self.frame(params, result, budget);
        for var in self.vars.iter_mut().filter(|var| var.by == By::Value) {
            var.mutable = false;
        }
    }

    /// An operator whose meaning is random.
    fn operator(&mut self, operator: Operator) -> String {
        let body = Ty::Struct(Struct::Body);
        let by = if operator == Operator::SubOfReferences { By::Ref } else { By::Value };
        let (of_trait, for_type, function, other) = match operator {
            Operator::Add => ("Add", "Body", "add(self, other: Body) -> Body", body.clone()),
            Operator::SubOfReferences => ("Sub", "&Body", "sub(self, other: &Body) -> Body", body.clone()),
            Operator::MulByNumber => ("Mul<f64>", "Body", "mul(self, other: f64) -> Body", Ty::F64),
            Operator::NumberTimes => ("Mul<Body>", "f64", "mul(self, other: Body) -> Body", body.clone()),
            Operator::Neg => ("Neg", "Body", "neg(self) -> Body", Ty::Unit),
            Operator::AddAssign => ("AddAssign", "Body", "add_assign(&mut self, other: Body)", body.clone()),
            Operator::MulAssignByNumber => {
                ("MulAssign<f64>", "Body", "mul_assign(&mut self, other: f64)", Ty::F64)
            }
        };
        let assigns = matches!(operator, Operator::AddAssign | Operator::MulAssignByNumber);
        let own = if operator == Operator::NumberTimes { Ty::F64 } else { body.clone() };
        let mut params = vec![param("self", own, if assigns { By::Mut } else { by }, &[])];
        if operator != Operator::Neg {
            params.push(param("other", other, by, &[]));
        }
        // What an operator calls would be itself.
        let (functions, operators) =
            (std::mem::take(&mut self.functions), std::mem::take(&mut self.operators));
        self.frame_of_constants(&params, &if assigns { Ty::Unit } else { body.clone() }, 10);
        let text = if assigns {
            let (value, more) = (self.known(|cx| cx.float(2)), self.known(|cx| cx.float(1)));
            format!("self.m += {value}; self.at[1] = {more};")
        } else {
            self.known(|cx| cx.value(&body, 2)).0
        };
        (self.functions, self.operators) = (functions, operators);
        self.operators.push(operator);
        self.note("operator");
        let output = if assigns { "" } else { "type Output = Body;" };
        let second = if self.second { "#[grad(second)]" } else { "#[grad]" };
        format!(
            "{second}\nimpl std::ops::{of_trait} for {for_type} {{ {output} fn {function} {{ {text} }} }}\n"
        )
    }

    /// A value by an operator, of places or values.
    pub(super) fn operated(&mut self, depth: usize) -> Option<String> {
        let body = Ty::Struct(Struct::Body);
        let found: Vec<Operator> = self
            .operators
            .iter()
            .copied()
            .filter(|operator| !matches!(operator, Operator::AddAssign | Operator::MulAssignByNumber))
            .collect();
        if found.is_empty() || depth == 0 || self.budget <= 0 {
            return None;
        }
        self.budget -= 2;
        let operator = *self.random.pick(&found);
        let place = self.place(&body)?;
        self.note("operator of structs");
        let a = place.value();
        Some(match operator {
            Operator::Add => format!("({a} + {})", self.value(&body, depth - 1).0),
            Operator::SubOfReferences => {
                let other = self.place(&body)?;
                format!("({} - {})", place.reference(), other.reference())
            }
            Operator::MulByNumber => format!("({a} * {})", self.known(|cx| cx.float(depth - 1))),
            Operator::NumberTimes => format!("({} * {a})", self.unknown(|cx| cx.leaf(false))),
            Operator::Neg => format!("(-{a})"),
            Operator::AddAssign | Operator::MulAssignByNumber => return None,
        })
    }

    /// `p += q;`
    pub(super) fn operated_in_place(&mut self) -> Option<String> {
        let body = Ty::Struct(Struct::Body);
        let adds = self.operators.contains(&Operator::AddAssign) && self.random.percent(50);
        if !adds && !self.operators.contains(&Operator::MulAssignByNumber) {
            return None;
        }
        let place = self.mutable_place(&body)?;
        self.vars[place.root].blocked += 1;
        let text = if adds {
            format!("{} += {};", place.target(), self.value(&body, 1).0)
        } else {
            format!("{} *= {};", place.target(), self.known(|cx| cx.float(1)))
        };
        self.vars[place.root].blocked -= 1;
        self.note("operator that assigns to a struct");
        Some(text)
    }

    /// A value of a struct, and how long its rows are at least.
    pub(super) fn struct_value(&mut self, of: Struct, depth: usize) -> (String, Vec<usize>) {
        let ty = Ty::Struct(of);
        if !ty.is_copy()
            && self.random.percent(98)
            && let Some(place) = self.movable(&ty)
        {
            self.note("moved struct");
            self.vars[place.root].moved = true;
            return (place.text, place.lens);
        }
        if self.random.percent(35)
            && let Some(place) = self.place(&ty)
        {
            if ty.is_copy() && self.random.percent(80) {
                self.note("copy of an aggregate");
                return (place.value(), place.lens);
            }
            self.note("clone of a struct");
            return (format!("{}.clone()", place.text), place.lens);
        }
        if self.random.percent(30)
            && let Some(call) = self.call_returning(&ty)
        {
            return (call, self.lens_of_result.clone());
        }
        if of == Struct::Body
            && self.random.percent(40)
            && let Some(text) = self.operated(depth)
        {
            return (text, vec![]);
        }
        let base = if self.random.percent(25) { self.place(&ty) } else { None };
        if let Some(place) = base {
            self.note("..base");
            let base = if ty.is_copy() { place.value() } else { format!("{}.clone()", place.text) };
            let lens = place.lens;
            let (field, value) = match of {
                Struct::Body => ("m", self.known(|cx| cx.float(depth.min(1)))),
                Struct::Layer => ("b", self.known(|cx| cx.float(depth.min(1)))),
            };
            return (format!("{} {{ {field}: {value}, ..{base} }}", of.name()), lens);
        }
        self.note("literal of a struct");
        let mut lens = Vec::new();
        let mut fields = Vec::new();
        for (name, ty) in of.fields() {
            let (text, of) = match &ty {
                Ty::Usize => ("2".to_owned(), vec![]),
                ty => self.known(|cx| cx.value(ty, depth.saturating_sub(1))),
            };
            if !of.is_empty() {
                lens = of;
            }
            fields.push(format!("{name}: {text}"));
        }
        (format!("{} {{ {} }}", of.name(), fields.join(", ")), lens)
    }

    /// `let Body { m: p, at: q } = …;`
    pub(super) fn struct_pattern(&mut self) -> Option<String> {
        let place = self.place_where(|p| matches!(p.ty, Ty::Struct(_)));
        let [m, at] = [self.fresh("p"), self.fresh("q")];
        self.note("pattern of a struct");
        if let Some(place) = place
            && self.random.percent(60)
        {
            let Ty::Struct(of) = place.ty else { return None };
            let fields = of.fields();
            for (name, (_, ty)) in [&m, &at].into_iter().zip(&fields) {
                let var = self.declare(name, ty.clone(), By::Ref, false, place.lens.clone());
                self.borrow(var, place.root, false);
            }
            let (first, second) = (fields[0].0, fields[1].0);
            let rest = if fields.len() > 2 { ", .." } else { "" };
            return Some(format!(
                "let {} {{ {first}: {m}, {second}: {at}{rest} }} = {};",
                of.name(),
                place.reference()
            ));
        }
        let (value, _) = self.struct_value(Struct::Body, 2);
        self.declare(&m, Ty::F64, By::Value, false, vec![]);
        let mutable = self.random.percent(30);
        self.declare(&at, Ty::array(Ty::F64, 2), By::Value, mutable, vec![]);
        let keyword = if mutable { "mut " } else { "" };
        Some(format!("let Body {{ m: {m}, at: {keyword}{at} }} = {value};"))
    }

    /// Functions that may fail.
    pub(super) fn failing(&mut self) -> String {
        let params = [param("x", Ty::F64, By::Value, &[]), param("y", Ty::F64, By::Value, &[])];
        let attribute = self.plain_attribute();
        let mut text = String::new();
        if self.random.percent(70) {
            let functions = std::mem::take(&mut self.functions);
            self.frame_of_constants(&params, &Ty::F64, 14);
            let (returns, jumps) =
                (std::mem::replace(&mut self.returns, false), std::mem::replace(&mut self.jumps, false));
            let (guard, statements) = (self.condition(), self.statements(1));
            let value = self.known(|cx| cx.float(2));
            (self.returns, self.jumps, self.functions) = (returns, jumps, functions);
            text += &format!(
                "{attribute}\nfn maybe(x: f64, y: f64) -> Option<f64> {{ if {guard} {{ return None; }} {statements} Some({value}) }}\n"
            );
            self.fallible.push(Fallible::Option);
            self.note("Option as a result");
        }
        let row = [param("v", Ty::slice(Ty::F64), By::Ref, &[1]), param("y", Ty::F64, By::Value, &[])];
        let functions = std::mem::take(&mut self.functions);
        self.frame_of_constants(&row, &Ty::F64, 14);
        let (returns, jumps) =
            (std::mem::replace(&mut self.returns, false), std::mem::replace(&mut self.jumps, false));
        let taken = if self.fallible.contains(&Fallible::Option) {
            let (a, b) = (self.known(|cx| cx.float(1)), self.known(|cx| cx.float(1)));
            let way = *self.random.pick(&[
                ".ok_or_else(|| \"none\".to_string())?",
                ".ok_or(\"none\")?",
                ".unwrap_or(y)",
            ]);
            format!("let z = maybe({a}, {b}){way};")
        } else {
            let b = self.known(|cx| cx.float(1));
            format!("let z = v.first().copied().ok_or(\"none\")? * {b};")
        };
        self.declare("z", Ty::F64, By::Value, false, vec![]);
        let (guard, value) = (self.condition(), self.known(|cx| cx.float(2)));
        let body = format!(
            "{taken} for q in v {{ if {guard} && *q > 1.3 {{ return Err(format!(\"{{q}}\")); }} }} Ok({value} * z)"
        );
        (self.returns, self.jumps, self.functions) = (returns, jumps, functions);
        text += &format!("{attribute}\nfn fallible(v: &[f64], y: f64) -> Result<f64, String> {{ {body} }}\n");
        self.fallible.push(Fallible::Result);
        self.note("Result as a result");
        text
    }

    /// A call of a function that may fail, whose failure is handled.
    pub(super) fn handled(&mut self, depth: usize) -> Option<String> {
        if self.fallible.is_empty() {
            return None;
        }
        self.budget -= 2;
        let which = *self.random.pick(&self.fallible.clone());
        let call = match which {
            Fallible::Option => {
                let (a, b) = (self.known(|cx| cx.float(depth)), self.known(|cx| cx.leaf(false)));
                format!("maybe({a}, {b})")
            }
            Fallible::Result => {
                let row = self.place_where(|p| {
                    p.ty.element() == Some(&Ty::F64) && super::chain::length(&p.ty, &p.lens) >= 1
                })?;
                let b = self.known(|cx| cx.leaf(false));
                format!("fallible({}, {b})", row.reference())
            }
        };
        let (z, c) = (self.fresh("z"), self.unknown(|cx| cx.leaf(false)));
        self.note("failure handled");
        let of_result = which == Fallible::Result;
        let (some, none) = if of_result { ("Ok", "Err(_)") } else { ("Some", "None") };
        if self.random.percent(40) {
            return Some(self.kept(&call, of_result, &z, &c));
        }
        if self.random.percent(40) {
            return Some(self.at_an_end(&call, of_result, &z, &c));
        }
        Some(match self.random.below(5) {
            0 => format!("{call}.unwrap_or({c})"),
            1 => format!("{call}.map_or({c}, |{z}| {z} * {c})"),
            2 => format!("(match {call} {{ {some}({z}) => {z} * {c}, {none} => {c} }})"),
            3 => format!("(if let {some}({z}) = {call} {{ {z}.sin() }} else {{ {c} }})"),
            _ if of_result => format!("{call}.unwrap_or_else(|_| {c})"),
            _ => format!("{call}.unwrap_or_else(|| {c})"),
        })
    }

    /// The same with what the call gave in a variable first, or beside another call.
    fn kept(&mut self, call: &str, of_result: bool, z: &str, c: &str) -> String {
        self.note("failure in a variable");
        let r = self.fresh("r");
        let (some, none, is) =
            if of_result { ("Ok", "Err(_)", "is_ok") } else { ("Some", "None", "is_some") };
        match self.random.below(5) {
            0 => format!("({{ let {r} = {call}; if {r}.{is}() {{ {r}.unwrap() * {c} }} else {{ {c} }} }})"),
            1 => format!("({{ let {r} = {call}; let {z} = {c}; {r}.map_or({z}, |{r}| {r} * {z}) }})"),
            2 => format!(
                "({{ let {r} = {call}; let {z} = {r}.{is}(); match {r} {{ {some}({r}) if {z} => {r} * {c}, {some}({r}) => {r}, {none} => {c} }} }})"
            ),
            3 if of_result => {
                format!(
                    "({{ let {r} = {call}; match {r} {{ Ok({z}) => {z} * {c}, Err({r}) if {r}.is_empty() => {c}, Err(_) => 0.5 }} }})"
                )
            }
            3 => format!("{call}.filter(|{z}| *{z} < {c}).or(Some({c})).unwrap()"),
            _ => format!(
                "(match ({call}, {c}) {{ ({some}({z}), {r}) if {r} < 1.5 => {z} * {r}, ({some}({z}), _) => {z}, ({none}, {r}) => {r} }})"
            ),
        }
    }

    /// The same at an end of a branch or of a closure.
    fn at_an_end(&mut self, call: &str, of_result: bool, z: &str, c: &str) -> String {
        self.note("failure at an end");
        let (r, w) = (self.fresh("r"), self.fresh("w"));
        let (some, none, gives, ok) = if of_result {
            ("Ok", "Err(String::new())", "Result<f64, String>", ".ok()")
        } else {
            ("Some", "None", "Option<f64>", "")
        };
        match self.random.below(10) {
            0 => {
                let guard = self.condition();
                format!(
                    "({{ let {r} = if {guard} {{ {call} }} else {{ {some}({c}) }}; {r}.map_or({c}, |{z}| {z} * {c}) }})"
                )
            }
            1 => format!(
                "({{ let {r} = |{w}: f64| if {w} < 1.0 {{ {call} }} else {{ {none} }}; {r}({c}).unwrap_or(0.3) * {r}(0.4).map_or({c}, |{z}| {z}) }})"
            ),
            2 => format!(
                "{call}.and_then(|{z}| if {z} < {c} {{ {some}({z} * {c}) }} else {{ {none} }}).unwrap_or({c})"
            ),
            3 if of_result => format!("{call}.or_else(|_| Ok::<f64, String>({c})).unwrap()"),
            3 => format!("{call}.or_else(|| Some({c})).unwrap()"),
            4 => format!(
                "({{ let {r} = |{w}: f64| -> {gives} {{ let {z} = {call}?; {some}({z} * {w}) }}; {r}({c}).unwrap_or({c}) }})"
            ),
            6 => {
                let guard = self.condition();
                format!("({{ let mut {r} = {call}; if {guard} {{ {r} = {call}; }} {r}.unwrap_or({c}) }})")
            }
            7 => format!(
                "[{c}, 0.5].iter().map(|{z}| if *{z} < 1.0 {{ {call} }} else {{ {some}(*{z}) }}).sum::<{gives}>().unwrap_or({c})"
            ),
            8 => format!("({{ let {r} = ({call}, {c}); {r}.0.map_or({r}.1, |{z}| {z} * {r}.1) }})"),
            5 => format!(
                "[{c}, 0.5].iter().filter_map(|{z}| if *{z} < 1.0 {{ {call}{ok} }} else {{ Some(*{z}) }}).sum::<f64>()"
            ),
            _ => format!(
                "({{ let ({r}, {w}) = ({call}, {call}); {r}.unwrap_or({c}) * {w}.map_or({c}, |{z}| {z} * {z}) }})"
            ),
        }
    }

    /// A function generic over its floats.
    pub(super) fn generic_floats(&mut self) -> String {
        self.note("generic over floats");
        let mut statements = String::new();
        for _ in 0..self.random.between(1, 2) {
            let value = self.of_generic(2, "x");
            statements += &format!("s = s * x + {value};");
        }
        let each = self.of_generic(2, "*z");
        let (loops, tail) = match self.random.below(3) {
            0 => (format!("for z in v {{ s = s + {each}; }}"), "s"),
            1 => {
                (format!("for z in v.iter().rev() {{ if *z > x {{ continue; }} s = s - {each}; }}"), "s * x")
            }
            _ => (format!("let t = v.iter().fold(x, |t, z| t + {each}); s = s + t;"), "s"),
        };
        let attribute = self.plain_attribute();
        self.functions.push(Function {
            path: "over_floats".into(),
            params: vec![param("x", Ty::F64, By::Value, &[]), param("v", Ty::slice(Ty::F64), By::Ref, &[1])],
            result: Ty::F64,
            lens: vec![],
            derivable: false,
        });
        format!(
            "{attribute}\nfn over_floats<T: grad::Real>(x: T, v: &[T]) -> T {{ let mut s = T::one(); {statements} {loops} {tail} }}\n"
        )
    }

    fn of_generic(&mut self, depth: usize, other: &str) -> String {
        if depth == 0 {
            return match self.random.below(5) {
                0 => "x".into(),
                1 => "v[0]".into(),
                2 => "T::from_f64(0.75)".into(),
                3 => format!("({other})"),
                _ => "s".into(),
            };
        }
        let (a, b) = (self.of_generic(depth - 1, other), self.of_generic(depth - 1, other));
        match self.random.below(8) {
            0 | 1 => format!("({a} * {b})"),
            2 => format!("({a} + {b})"),
            3 => format!("({a} - {b})"),
            4 => format!("{a}.sin()"),
            5 => format!("{a}.tanh()"),
            6 => format!("({a} / (T::one() + {b} * {b}))"),
            _ => format!("(if {a} < {b} {{ {a} }} else {{ {b} }})"),
        }
    }

    /// A function that takes a function.
    pub(super) fn taking_a_function(&mut self) -> String {
        self.note("function as a parameter");
        let start = self.body(&[param("x", Ty::F64, By::Value, &[])]);
        let each = self.body(&[param("x", Ty::F64, By::Value, &[]), param("s", Ty::F64, By::Value, &[])]);
        let form = if self.random.percent(50) {
            "fn applied<F: Fn(f64) -> f64>(f: F, x: f64, n: usize) -> f64"
        } else {
            "fn applied(f: impl Fn(f64) -> f64, x: f64, n: usize) -> f64"
        };
        let bent = self.body(&[param("x", Ty::F64, By::Value, &[])]);
        self.takes_function = true;
        let attribute = self.plain_attribute();
        format!(
            "{attribute}\nfn bent(x: f64) -> f64 {{ {bent} }}\n{attribute}\n{form} {{ let mut s = {start}; for i in 0..n {{ s += f(x * 0.5 + i as f64) * {each}; }} s * f(s.sin()) }}\n"
        )
    }

    /// A call of it, with a closure.
    pub(super) fn applied(&mut self, depth: usize) -> Option<String> {
        if !self.takes_function || self.closures > 0 || self.budget <= 0 {
            return None;
        }
        self.budget -= 3;
        // What is named by its path has no second derivatives there.
        if self.random.percent(35) && !self.second {
            self.note("function passed by its path");
            let (reference, x) =
                (if self.random.percent(30) { "&" } else { "" }, self.known(|cx| cx.float(depth)));
            return Some(format!("applied({reference}bent, {x}, {})", self.random.between(0, 3)));
        }
        // Of which type a captured integer is, nobody says.
        let hidden: Vec<usize> = (0..self.vars.len())
            .filter(|at| !self.vars[*at].ty.holds_floats() || self.vars[*at].closure.is_some())
            .collect();
        for at in &hidden {
            self.vars[*at].blocked += 1;
        }
        let takes = std::mem::replace(&mut self.takes_function, false);
        let z = self.fresh("z");
        let body = self.in_closure(|cx| {
            cx.declare(&z, Ty::F64, By::Value, false, vec![]);
            cx.known(|cx| cx.float(2))
        });
        self.takes_function = takes;
        for at in &hidden {
            self.vars[*at].blocked -= 1;
        }
        let x = self.known(|cx| cx.float(depth));
        self.note("closure passed to a function");
        Some(format!("applied(|{z}| {body}, {x}, {})", self.random.between(0, 3)))
    }

    /// What rearranges a `Vec`, or takes from it: one that is there, or a new one.
    pub(super) fn rearranged(&mut self) -> String {
        let mut text = String::new();
        if self.random.percent(50) || self.rearrangeable().is_none() {
            let of = Ty::F64;
            let (value, lens) = self.unknown(|cx| cx.vector(&Ty::vec(of.clone()), &of, 1, Some(2)));
            let name = self.fresh("u");
            self.declare(&name, Ty::vec(of), By::Value, true, lens);
            text += &format!("let mut {name} = {value};\n");
        }
        for _ in 0..self.random.between(1, 3) {
            text += &self.rearrangement().unwrap_or_default();
            text.push('\n');
        }
        text
    }

    fn rearrangeable(&self) -> Option<usize> {
        let (depth, loops, unchanging) = (self.depth, self.loops, self.unchanging);
        (0..self.vars.len()).rev().find(|at| {
            let var = &self.vars[*at];
            var.ty == Ty::vec(Ty::F64)
                && var.by == By::Value
                && var.mutable
                && !var.keeps_length
                && (var.depth, var.loops) == (depth, loops)
                && var.frozen == 0
                && *at >= unchanging
                && self.visible(*at)
        })
    }

    fn rearrangement(&mut self) -> Option<String> {
        let at = self.rearrangeable()?;
        let (u, len) = (self.vars[at].name.clone(), self.vars[at].lens[0]);
        self.vars[at].exact = false;
        self.vars[at].blocked += 1;
        let (x, z) = (self.unknown(|cx| cx.float(1)), self.fresh("z"));
        let from = self.place_where(|p| p.ty.element() == Some(&Ty::F64));
        self.vars[at].blocked -= 1;
        let (text, len, name) = match self.random.below(14) {
            0 => (format!("{u}.reverse();"), len, "reverse, rotate"),
            1 if len > 0 => (format!("{u}.rotate_left(1);"), len, "reverse, rotate"),
            2 => (format!("{u}.insert(0, {x});"), len + 1, "insert, remove"),
            3 if len > 0 => (format!("let {z} = {u}.remove(0);"), len - 1, "insert, remove"),
            4 => (format!("let {z} = {u}.pop().unwrap_or({x});"), len.saturating_sub(1), "pop"),
            5 => (format!("{u}.truncate(2);"), len.min(2), "truncate, resize"),
            6 => (format!("{u}.resize(3, {x});"), 3, "truncate, resize"),
            7 => (format!("{u}.clear(); {u}.push({x});"), 1, "clear"),
            8 => (format!("{u}.sort_by(f64::total_cmp);"), len, "sort_by"),
            9 if len > 0 => {
                let s = self.fresh("s");
                self.declare(&s, Ty::F64, By::Value, true, vec![]);
                (
                    format!("let mut {s} = {x}; for {z} in {u}.drain(..1) {{ {s} += {z} * {z}; }}"),
                    len - 1,
                    "drain",
                )
            }
            10 => (format!("if let Some({z}) = {u}.last_mut() {{ *{z} += {x}; }}"), len, "last_mut"),
            11 if len >= 2 => {
                let pair = self.fresh("a");
                self.declare(&pair, Ty::array(Ty::F64, 2), By::Value, false, vec![]);
                (format!("let {pair}: [f64; 2] = {u}[..2].try_into().unwrap();"), len, "try_into")
            }
            12 => {
                let (y, c) = (self.fresh("y"), self.unknown(|cx| cx.leaf(false)));
                self.declare(&y, Ty::F64, By::Value, false, vec![]);
                let text = format!(
                    "let {y} = if let Some({z}) = {u}.first() && *{z} > {c} {{ *{z} * {c} }} else {{ {x} }};"
                );
                (text, len, "let chain")
            }
            _ => {
                let from = from?;
                (format!("{u}.extend({}.iter().map(|{z}| {z} * {z}));", from.text), len, "extend")
            }
        };
        if matches!(name, "insert, remove" | "pop") && text.starts_with("let ") {
            self.declare(&z, Ty::F64, By::Value, false, vec![]);
        }
        self.vars[at].lens = vec![len];
        self.note(name);
        Some(text)
    }
}
