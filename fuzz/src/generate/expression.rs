//! Values: floats, conditions, integers, and aggregates of them.

use super::Generator;
use crate::types::{By, Ty};

impl Generator {
    /// What is said here tells rustc the type of a literal, so that most have no suffix.
    pub(super) fn known<T>(&mut self, body: impl FnOnce(&mut Generator) -> T) -> T {
        let typed = std::mem::replace(&mut self.typed, self.random.percent(10));
        let result = body(self);
        self.typed = typed;
        result
    }

    /// Nothing does: a method is called, or a name is bound.
    pub(super) fn unknown<T>(&mut self, body: impl FnOnce(&mut Generator) -> T) -> T {
        let typed = std::mem::replace(&mut self.typed, true);
        let result = body(self);
        self.typed = typed;
        result
    }

    pub(super) fn literal(&mut self, single: bool) -> String {
        let value =
            *self.random.pick(&["0.5", "1.5", "0.25", "2.0", "0.75", "1.25", "0.3", "0.8", "1.1", "0.1"]);
        // The exponent tells the witness that it is an `f32`.
        match (single, self.typed) {
            (true, true) => format!("{value}_f32"),
            (true, false) => format!("{value}e0"),
            (false, true) => format!("{value}_f64"),
            (false, false) => value.to_owned(),
        }
    }

    /// A float that needs no operator.
    pub(super) fn leaf(&mut self, single: bool) -> String {
        let ty = if single { Ty::F32 } else { Ty::F64 };
        if !single
            && self.random.percent(3)
            && let Some(row) = self.place_where(|p| {
                p.ty.element() == Some(&Ty::F64) && super::chain::length(&p.ty, &p.lens) >= 2
            })
        {
            self.note("sub-slices");
            let text = &row.text;
            return match self.random.below(3) {
                0 => format!("{text}[1..][0]"),
                1 => format!("(&{text}[..2])[{}]", self.random.below(2)),
                _ => format!("{text}[0..=1][1]"),
            };
        }
        if self.random.percent(82)
            && let Some(place) = self.place(&ty)
        {
            return place.value();
        }
        if single {
            if self.random.percent(50)
                && let Some(place) = self.place(&Ty::F64)
            {
                self.note("x as f32");
                return format!("({} as f32)", place.value());
            }
            return self.literal(true);
        }
        match self.random.below(9) {
            0 => {
                let n = self.int_leaf();
                self.note("n as f64");
                format!("({n} as f64)")
            }
            1 => {
                self.note("consts");
                let name = *self.random.pick(&["PI", "E", "LN_2", "FRAC_PI_4", "SQRT_2"]);
                format!("std::f64::consts::{name}")
            }
            2 => {
                if let Some(place) = self.place(&Ty::I32) {
                    self.note("f64::from");
                    return format!("f64::from({})", place.value());
                }
                self.literal(false)
            }
            3 if self.constants => {
                self.note("constant call");
                let k = self.random.between(1, 3);
                let calls =
                    ["scale(K)", "table()[I]", "state().k", "ones(K)[0]", "RATES[I]", "pairs(K)[0].1"];
                let call = *self.random.pick(&calls);
                call.replace('K', &k.to_string()).replace('I', &(k - 1).to_string())
            }
            _ => self.literal(false),
        }
    }

    fn int_leaf(&mut self) -> String {
        if self.random.percent(70)
            && let Some(place) = self.place(&Ty::Usize)
        {
            return place.value();
        }
        format!("{}_usize", self.random.between(1, 3))
    }

    /// A call of a method, in the form of a function where rustc does not know the type yet.
    pub(super) fn method_of_integer(&mut self, integer: &str, method: &str) -> String {
        let untyped = |var: &super::scope::Var| var.name == integer && !var.typed_integer;
        if self.vars.iter().any(untyped) {
            let (name, argument) = method.split_once('(').expect("a call");
            return format!("usize::{name}({integer}, {argument}");
        }
        format!("{integer}.{method}")
    }

    /// An integer of at most 4 or so.
    pub(super) fn int(&mut self) -> String {
        let leaf = self.int_leaf();
        match self.random.below(6) {
            0 => {
                self.note("integer methods");
                let method = *self.random.pick(&["min(3)", "saturating_sub(1)", "max(1)", "pow(1)"]);
                self.method_of_integer(&leaf, method)
            }
            1 => format!("({leaf} % 3)"),
            2 => {
                if let Some(place) = self.place_where(|p| matches!(p.ty, Ty::Vec(_) | Ty::Slice(_))) {
                    self.note("len");
                    return format!("({}.len() % 4)", place.text);
                }
                leaf
            }
            3 => {
                let x = self.unknown(|cx| cx.leaf(false));
                self.note("x as usize");
                format!("((({x}) * 1.7).abs() as usize % 3)")
            }
            _ => leaf,
        }
    }

    pub(super) fn condition(&mut self) -> String {
        self.unknown(Generator::condition_of_typed)
    }

    fn condition_of_typed(&mut self) -> String {
        match self.random.below(13) {
            12 => {
                let n = self.int_leaf();
                self.note("matches!, cfg!, format!");
                match self.random.below(3) {
                    0 => format!("matches!({n}, 1 | 2)"),
                    1 => "cfg!(unix)".into(),
                    _ => format!("format!(\"{{}}\", {n}).len() > 1"),
                }
            }
            0 => {
                let (a, b, x) = (self.leaf(false), self.leaf(false), self.leaf(false));
                let range = *self.random.pick(&["..", "..="]);
                self.note("contains");
                format!("(({a}){range}({b})).contains(&({x}))")
            }
            1..=4 => {
                let (a, b) = (self.leaf(false), self.leaf(false));
                let op = *self.random.pick(&["<", ">", "<=", ">=", "==", "!="]);
                self.note("comparison");
                format!("{a} {op} {b}")
            }
            5 | 6 => {
                let (a, b) = (self.int(), self.random.below(3));
                let op = *self.random.pick(&["<", ">", "==", "!="]);
                format!("{a} {op} {b}")
            }
            7 => {
                if let Some(place) = self.place(&Ty::Bool) {
                    let (not, value) = (if self.random.percent(40) { "!" } else { "" }, place.value());
                    return format!("{not}{value}");
                }
                "true".into()
            }
            8 => {
                let (a, b) = (self.condition(), self.condition());
                let op = *self.random.pick(&["&&", "||"]);
                self.note("conditions");
                format!("({a}) {op} ({b})")
            }
            9 => {
                let (a, b) = (self.leaf(false), self.leaf(false));
                self.note("total_cmp");
                format!("({a}).total_cmp(&({b})).is_lt()")
            }
            10 => {
                let a = self.leaf(false);
                self.note("is_finite");
                let method = *self.random.pick(&["is_finite", "is_nan", "is_sign_negative"]);
                format!("{a}.{method}()")
            }
            _ => {
                if let Some(place) = self.place_where(|p| matches!(p.ty, Ty::Vec(_) | Ty::Slice(_))) {
                    self.note("is_empty");
                    return format!("!{}.is_empty()", place.text);
                }
                "false".into()
            }
        }
    }

    /// A float that depends on something, as an operand.
    pub(super) fn float(&mut self, depth: usize) -> String {
        self.number(false, depth)
    }

    pub(super) fn number(&mut self, single: bool, depth: usize) -> String {
        if depth == 0 || self.budget <= 0 {
            return self.leaf(single);
        }
        self.budget -= 1;
        let depth = depth - 1;
        if !single
            && (self.takes_function || !self.fallible.is_empty())
            && self.random.percent(10)
            && let Some(text) =
                if self.random.percent(50) { self.handled(depth) } else { self.applied(depth) }
        {
            return text;
        }
        match self.random.weighted(&[26, 18, 4, 4, 3, 3, 9, 7, 3, 3, 2, 3, 2, 2]) {
            0 => {
                let (a, b) = (self.number(single, depth), self.number(single, depth));
                let op = *self.random.pick(&["+", "-", "*", "*"]);
                self.note("operators");
                let b = if self.random.percent(6) && !b.starts_with('(') {
                    self.note("operators of references");
                    format!("&{b}")
                } else {
                    b
                };
                format!("({a} {op} {b})")
            }
            1 => self.library_function(single, depth),
            2 => {
                let (a, b) = (self.number(single, depth), self.leaf(single));
                let one = self.literal(single);
                self.note("division");
                format!("({a} / ({one} + {b} * {b}))")
            }
            3 => {
                let a = self.number(single, depth);
                self.note("negation");
                format!("(-{a})")
            }
            4 => {
                let (c, a, b) = (self.condition(), self.number(single, depth), self.number(single, depth));
                self.note("if as a value");
                format!("(if {c} {{ {a} }} else {{ {b} }})")
            }
            5 => {
                let (n, a, b) = (self.int(), self.number(single, depth), self.number(single, depth));
                self.note("match as a value");
                let guard = if self.random.percent(40) {
                    self.note("match with a guard");
                    let c = self.condition();
                    format!("i if i > 1 && ({c}) => {b}, ")
                } else {
                    String::new()
                };
                format!("(match {n} {{ 0 => {a}, {guard}1..=2 => {b}, _ => {} }})", self.leaf(single))
            }
            6 if !single => match self.call_returning(&Ty::F64) {
                Some(call) => call,
                None => self.library_function(single, depth),
            },
            7 if !single && self.chains > 0 => {
                self.chains -= 1;
                let chain = self.reduction();
                self.chains += 1;
                chain.unwrap_or_else(|| self.leaf(single))
            }
            8 => {
                let vars = self.vars.len();
                let a = self.unknown(|cx| cx.number(single, depth));
                self.depth += 1;
                let name = self.fresh("z");
                let ty = if single { Ty::F32 } else { Ty::F64 };
                self.declare(&name, ty, By::Value, false, vec![]);
                let b = self.number(single, depth);
                self.depth -= 1;
                self.leave(vars);
                self.note("block as a value");
                format!("({{ let {name} = {a}; {name} * {b} }})")
            }
            9 => {
                let (a, b, c) = (self.number(single, depth), self.leaf(single), self.leaf(single));
                self.note("parts of literals");
                match self.random.below(4) {
                    0 => format!("({a}, [{b}, {c}]).1[{}]", self.random.below(2)),
                    1 => format!("[{a}, {b}, {c}][{}]", self.index(3, None)),
                    2 => format!("({a}, {b}).{}", self.random.below(2)),
                    _ => format!("[{a}; 3][{}]", self.random.below(3)),
                }
            }
            10 if single => self.leaf(true),
            10 => {
                let a = self.float(depth);
                match self.random.below(3) {
                    0 => {
                        self.note("grad::constant");
                        format!("grad::constant({a})")
                    }
                    1 if self.hooks => {
                        self.note("with_cotangent");
                        let name = self.fresh("bar");
                        format!("grad::with_cotangent({a}, |{name}| {name})")
                    }
                    _ if self.singles => {
                        self.note("(x as f32) as f64");
                        format!("(({a} as f32) as f64)")
                    }
                    _ => a,
                }
            }
            11 if !single => self.inner_derivative().unwrap_or_else(|| self.library_function(single, depth)),
            12 if !single => self.optional().unwrap_or_else(|| self.leaf(false)),
            13 if !single => self.closure_call().unwrap_or_else(|| self.leaf(false)),
            _ if single && self.random.percent(50) => {
                let a = self.float(depth);
                self.note("x as f32");
                format!("({a} as f32)")
            }
            _ => {
                let (a, b) = (self.leaf(single), self.leaf(single));
                self.note("operators");
                format!("({a} * {b})")
            }
        }
    }

    /// A function of the standard library, in its domain whatever the arguments are.
    fn library_function(&mut self, single: bool, depth: usize) -> String {
        self.unknown(|cx| cx.library_function_of_typed(single, depth))
    }

    fn library_function_of_typed(&mut self, single: bool, depth: usize) -> String {
        let a = self.number(single, depth);
        let (b, one) = (self.leaf(single), self.literal(single));
        let float = if single { "f32" } else { "f64" };
        let positive = format!("({b} * {b} + {one})");
        match self.random.weighted(&[
            12,
            4,
            4,
            4,
            3,
            3,
            3,
            3,
            2,
            2,
            2,
            2,
            4,
            3,
            3,
            2,
            if single { 0 } else { 3 },
        ]) {
            0 => {
                self.note("sin, cos, tanh, …");
                let name = *self.random.pick(&["sin", "cos", "tanh", "atan"]);
                format!("{a}.{name}()")
            }
            1 => {
                self.note("function path");
                let name = *self.random.pick(&["sin", "cos", "tanh", "atan", "asinh"]);
                format!("{float}::{name}({a})")
            }
            2 => {
                self.note("exp");
                let name = *self.random.pick(&["exp", "exp2", "exp_m1", "sinh", "cosh"]);
                format!("{a}.sin().{name}()")
            }
            3 => {
                self.note("ln, sqrt, …");
                let name = *self.random.pick(&["ln", "sqrt", "cbrt", "log2", "log10", "ln_1p", "recip"]);
                format!("({a} + {positive}.{name}())")
            }
            4 => {
                self.note("powi");
                let n = if self.random.percent(30)
                    && let Some(place) = self.place(&Ty::I32)
                {
                    place.value()
                } else {
                    self.random.between(0, 4).to_string()
                };
                format!("{a}.sin().powi({n})")
            }
            5 => {
                self.note("powf");
                let p = self.leaf(single);
                format!("({a} * {positive}.powf(({p}).cos()))")
            }
            6 => {
                self.note("max, min");
                let name = *self.random.pick(&["max", "min"]);
                format!("{a}.{name}({b})")
            }
            7 => {
                self.note("abs");
                format!("{a}.abs()")
            }
            8 => {
                self.note("clamp");
                if single { format!("{a}.clamp(-2.0e0, 1.5e0)") } else { format!("{a}.clamp(-2.0, 1.5)") }
            }
            9 => {
                self.note("mul_add");
                format!("{a}.mul_add({b}, {one})")
            }
            10 => {
                self.note("hypot, atan2");
                if self.random.percent(50) {
                    format!("{a}.hypot({positive})")
                } else {
                    format!("{a}.atan2({positive})")
                }
            }
            11 => {
                self.note("rounding");
                let name = *self.random.pick(&["floor", "fract", "round", "trunc", "signum", "ceil"]);
                format!("({b} + {a}.{name}())")
            }
            12 => {
                self.note("sin_cos");
                format!("({{ let (p, q) = {a}.sin_cos(); p * q + {b} }})")
            }
            13 => {
                self.note("asin, acos, …");
                let name = *self.random.pick(&["asin", "acos", "atanh"]);
                let half = if single { "0.5e0" } else { "0.5" };
                format!("({half} * {a}.sin()).{name}()")
            }
            14 => {
                self.note("remainder");
                if self.random.percent(50) {
                    format!("({a} % {positive})")
                } else {
                    format!("{a}.rem_euclid({positive})")
                }
            }
            15 => {
                self.note("clone of a number");
                format!("{a}.clone()")
            }
            _ => {
                self.note("grad::functions");
                match self.random.below(3) {
                    0 => {
                        let name = *self.random.pick(&["sigmoid", "log_sigmoid", "softplus", "relu", "sinc"]);
                        format!("grad::functions::{name}({a})")
                    }
                    1 => format!("grad::functions::xlogy({a}, {positive})"),
                    _ => format!("grad::functions::logsumexp(&[{a}, {b}, {one}])"),
                }
            }
        }
    }

    /// A value of a type, and how long its rows are at least.
    pub(super) fn value(&mut self, ty: &Ty, depth: usize) -> (String, Vec<usize>) {
        match ty {
            Ty::F64 => (self.float(depth), vec![]),
            Ty::F32 => (self.number(true, depth), vec![]),
            Ty::Usize => (self.int(), vec![]),
            Ty::I32 => (self.random.between(0, 3).to_string(), vec![]),
            Ty::Bool => (self.condition(), vec![]),
            Ty::Unit => ("()".into(), vec![]),
            Ty::Own => ("state()".into(), vec![]),
            Ty::Struct(of) => self.struct_value(*of, depth),
            Ty::Slice(_) => unreachable!("slices are behind references"),
            Ty::Array(of, len) => self.array(ty, of, *len, depth),
            Ty::Vec(of) => self.vector(ty, of, depth, None),
            Ty::Tuple(parts) => {
                if ty.is_copy()
                    && self.random.percent(45)
                    && let Some(place) = self.place(ty)
                {
                    self.note("copy of an aggregate");
                    return (place.value(), vec![]);
                }
                if self.random.percent(25)
                    && let Some(call) = self.call_returning(ty)
                {
                    return (call, self.lens_of_result.clone());
                }
                self.note("tuples");
                let mut lens = Vec::new();
                let parts: Vec<String> = parts
                    .iter()
                    .map(|part| {
                        let (text, of) = self.value(part, depth.saturating_sub(1));
                        if !of.is_empty() {
                            lens = of;
                        }
                        text
                    })
                    .collect();
                (format!("({})", parts.join(", ")), lens)
            }
        }
    }

    fn array(&mut self, ty: &Ty, of: &Ty, len: usize, depth: usize) -> (String, Vec<usize>) {
        if ty.is_copy()
            && self.random.percent(45)
            && let Some(place) = self.place(ty)
        {
            self.note("copy of an aggregate");
            return if self.random.percent(15) {
                self.note("a.clone()");
                (format!("{}.clone()", place.text), vec![])
            } else {
                (place.value(), vec![])
            };
        }
        if self.random.percent(30)
            && let Some(call) = self.call_returning(ty)
        {
            return (call, vec![]);
        }
        if of.is_copy() && self.random.percent(20) {
            self.note("[x; n]");
            let (value, lens) = self.value(of, depth.saturating_sub(1));
            return (format!("[{value}; {len}]"), lens);
        }
        self.note("arrays");
        let mut lens = Vec::new();
        let parts: Vec<String> = (0..len)
            .map(|_| {
                let (text, of) = self.value(of, depth.saturating_sub(1));
                lens = if lens.is_empty() { of } else { shorter(&lens, &of) };
                text
            })
            .collect();
        (format!("[{}]", parts.join(", ")), lens)
    }

    /// A `Vec`, of the given length if one is given.
    pub(super) fn vector(
        &mut self,
        ty: &Ty,
        of: &Ty,
        depth: usize,
        at_least: Option<usize>,
    ) -> (String, Vec<usize>) {
        let enough =
            move |lens: &[usize]| at_least.is_none_or(|least| lens.first().is_some_and(|len| *len >= least));
        match self.random.below(10) {
            0 | 1 => {
                if let Some(place) = self.place_where(|p| p.ty == *ty && enough(&p.lens)) {
                    self.note("u.clone()");
                    return (format!("{}.clone()", place.text), place.lens);
                }
            }
            2 => {
                let slice = Ty::slice(of.clone());
                if let Some(place) = self.place_where(|p| (p.ty == slice || p.ty == *ty) && enough(&p.lens)) {
                    self.note("v.to_vec()");
                    return (format!("{}.to_vec()", place.text), place.lens);
                }
            }
            3 => {
                if let Some(place) = self.movable(ty)
                    && enough(&place.lens)
                {
                    self.note("moved Vec");
                    self.vars[place.root].moved = true;
                    return (place.text, place.lens);
                }
            }
            4 => {
                if let Some(call) = self.call_returning(ty)
                    && enough(&self.lens_of_result)
                {
                    return (call, self.lens_of_result.clone());
                }
            }
            5 if *of == Ty::F64 && self.chains > 0 => {
                self.chains -= 1;
                let found = self.collected();
                self.chains += 1;
                if let Some((text, len)) = found
                    && enough(&[len])
                {
                    return (text, vec![len]);
                }
            }
            6 if *of == Ty::F64 && self.constants => {
                let k = self.random.between(at_least.unwrap_or(1).max(1), 4);
                self.note("constant call");
                return (format!("ones({k})"), vec![k]);
            }
            _ => {}
        }
        let len = self.random.between(at_least.unwrap_or(1).max(1), at_least.unwrap_or(1).max(3));
        if self.random.percent(40) && of.is_copy() {
            self.note("vec![x; n]");
            let (value, _) = self.value(of, depth.saturating_sub(1));
            return (format!("vec![{value}; {len}]"), vec![len]);
        }
        self.note("vec![x, y]");
        let mut lens = Vec::new();
        let parts: Vec<String> = (0..len)
            .map(|k| {
                let (text, inner) = self.value(of, depth.saturating_sub(1));
                lens = if k == 0 { inner } else { shorter(&lens, &inner) };
                text
            })
            .collect();
        lens.insert(0, len);
        (format!("vec![{}]", parts.join(", ")), lens)
    }

    /// `v.first()` and its kin, taken apart at once.
    fn optional(&mut self) -> Option<String> {
        let row = self
            .place_where(|p| p.ty.element() == Some(&Ty::F64) && (p.lens.first().is_some_and(|n| *n > 0)))?;
        let (v, d) = (row.text, self.unknown(|cx| cx.leaf(false)));
        self.note("first, last, get");
        let n = row.lens[0];
        Some(match self.random.below(4) {
            0 => format!("{v}.first().copied().unwrap_or({d})"),
            1 => format!("{v}.last().map_or(0.0, |z| z * {d})"),
            2 => format!("(*{v}.get({}).unwrap())", self.random.below(n)),
            _ => format!("(*{v}.first().unwrap())"),
        })
    }
}

/// What holds of both.
pub(super) fn shorter(a: &[usize], b: &[usize]) -> Vec<usize> {
    a.iter().zip(b).map(|(a, b)| *a.min(b)).collect()
}
