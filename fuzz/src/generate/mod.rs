//! Programs from seeds: some functions with `#[grad]` that call each other, and constants around them.
//!
//! The text is put together with what the generator knows of it: types, least lengths, what is borrowed and moved. So
//! nearly all of the programs compile without `#[grad]`; values are kept small and inside of the domains of functions.

mod binding;
mod call;
mod chain;
mod change;
mod expression;
mod flow;
mod own;
mod scope;
mod statement;
mod templates;
mod variants;

use crate::constructs;
use crate::program::{Arg, Inner, Param, Program};
use crate::random::Random;
use crate::types::{By, Data, Struct, Ty};
use call::Function;
use scope::Var;
use std::collections::BTreeSet;

#[expect(clippy::struct_excessive_bools, reason = "what a program has is independent of each other")]
pub(crate) struct Generator {
    random: Random,
    vars: Vec<Var>,
    functions: Vec<Function>,
    constructs: BTreeSet<&'static str>,
    names: usize,
    /// Blocks, loops (closures are some, too) and closures around.
    depth: usize,
    loops: usize,
    closures: usize,
    labels: Vec<String>,
    /// Variables before this one may not be changed here.
    unchanging: usize,
    budget: isize,
    chains: usize,
    configured: usize,
    returns: bool,
    /// `break`, `continue` and `return` may stand here.
    jumps: bool,
    /// The root has a loop that can run again.
    checkpoint: bool,
    /// Literals have a suffix, because nothing else says their type.
    typed: bool,
    result: Ty,
    result_lens: Vec<usize>,
    lens_of_result: Vec<usize>,
    // What the program has at all.
    singles: bool,
    constants: bool,
    hooks: bool,
    second: bool,
    inner: Vec<Inner>,
    /// Has structs with derivatives.
    structs: bool,
    /// Has what rearranges a `Vec`.
    rearranges: bool,
    operators: Vec<own::Operator>,
    fallible: Vec<own::Fallible>,
    takes_function: bool,
}

const CONSTANTS: &str = "
macro_rules! ignored {
    ($($tokens:tt)*) => {};
}
macro_rules! debug {
    ($($tokens:tt)*) => { let _ = format!($($tokens)*); };
}
const RATES: [f64; 3] = [0.5, 1.5, 0.75];
pub struct State { pub k: f64, pub n: usize }
pub fn state() -> State { State { k: 1.25, n: 2 } }
fn scale(n: usize) -> f64 { 0.5 + n as f64 }
fn table() -> [f64; 3] { [0.5, 1.25, 0.75] }
fn ones(n: usize) -> Vec<f64> { vec![1.0; n] }
fn pairs(n: usize) -> Vec<(f64, f64)> { vec![(0.5, 1.5); n] }
";

/// The program of a seed and an index.
pub fn generate(seed: u64, index: u64) -> Program {
    let mut random = Random::new(seed, index);
    // Of a row of numbers of its own, so that programs without these stay what they were.
    let mut kinds = Random::new(!seed, index);
    let second = random.percent(30);
    let cx = Generator {
        singles: random.percent(8),
        constants: random.percent(40),
        hooks: !second && random.percent(15),
        second,
        random,
        vars: Vec::new(),
        functions: Vec::new(),
        constructs: BTreeSet::new(),
        names: 0,
        depth: 0,
        loops: 0,
        closures: 0,
        labels: Vec::new(),
        unchanging: 0,
        budget: 0,
        chains: 0,
        configured: 0,
        returns: false,
        jumps: true,
        checkpoint: false,
        typed: true,
        result: Ty::Unit,
        result_lens: Vec::new(),
        lens_of_result: Vec::new(),
        inner: Vec::new(),
        structs: kinds.percent(37),
        rearranges: kinds.percent(30),
        operators: Vec::new(),
        fallible: Vec::new(),
        takes_function: false,
    };
    let others = [kinds.percent(20), kinds.percent(8), kinds.percent(12), kinds.percent(8), kinds.percent(8)];
    cx.program(others)
}

impl Generator {
    fn note(&mut self, construct: &'static str) {
        debug_assert!(constructs::is_known(construct), "`{construct}` is on no list");
        self.constructs.insert(construct);
    }

    /// With functions that fail, are generic over floats, take functions, choose one of some constants.
    fn program(mut self, [fails, generic, takes, chooses, varies]: [bool; 5]) -> Program {
        let mut source = String::new();
        if self.constants {
            source += CONSTANTS;
        }
        source += &self.templates();
        if generic {
            source += &self.generic_floats();
        }
        if chooses {
            source += &self.chosen();
        }
        if fails {
            source += &self.failing();
        }
        if takes {
            source += &self.taking_a_function();
        }
        if varies {
            source += &self.over_variants();
        }
        if self.structs {
            source += &self.structs();
        }
        let helpers = self.random.weighted(&[15, 35, 30, 20]);
        for k in 0..helpers {
            source += &self.helper(k);
        }
        let (root, params, text) = self.root();
        source += &text;
        let checkpoint = self.checkpoint;
        let args: Vec<Arg> = params.iter().map(arg).collect();
        let floats: usize = args.iter().filter(|arg| arg.active).map(|arg| arg.data.floats()).sum();
        let numbers = [0.5, -0.75, 1.25, 0.375, -1.5, 0.875, 1.125, -0.25, 0.625, 1.375, -0.5, 0.8125];
        let shift = self.random.below(numbers.len());
        let start =
            (0..floats).map(|k| numbers[(k + shift) % numbers.len()] + 0.015_625 * (k / 12) as f64).collect();
        let single = source.contains("f32");
        if let Ok(file) = syn::parse_str(&source) {
            source = prettyplease::unparse(&file);
        }
        Program {
            root,
            args,
            result: self.result.clone(),
            start,
            second: self.second,
            checkpoint,
            single,
            structs: self.structs,
            inner: self.inner,
            constructs: self.constructs,
            source,
        }
    }

    fn param_type(&mut self, outputs: bool) -> (Ty, By) {
        if self.structs && self.random.percent(30) {
            return self.struct_param(outputs);
        }
        let (pair, row) = (Ty::pair(Ty::F64, Ty::F64), Ty::array(Ty::F64, 2));
        if outputs && self.random.percent(30) {
            let types = [
                Ty::F64,
                Ty::F64,
                Ty::slice(Ty::F64),
                Ty::slice(Ty::F64),
                Ty::slice(Ty::F64),
                Ty::slice(Ty::F64),
                row.clone(),
                pair.clone(),
                Ty::vec(Ty::F64),
                Ty::vec(Ty::F64),
                Ty::slice(pair),
                Ty::slice(row),
            ];
            let ty = self.random.pick(&types).clone();
            return (ty, By::Mut);
        }
        let by_value = [
            (Ty::F64, 16),
            (row.clone(), 10),
            (Ty::array(Ty::F64, 3), 3),
            (pair.clone(), 10),
            (Ty::vec(Ty::F64), 4),
            (Ty::pair(Ty::F64, row.clone()), 2),
            (Ty::array(row.clone(), 2), 2),
            (Ty::vec(Ty::vec(Ty::F64)), 1),
            (Ty::Usize, 4),
            (Ty::I32, 2),
            (Ty::Bool, 2),
        ];
        let by_reference = [
            (Ty::slice(Ty::F64), 10),
            (Ty::F64, 3),
            (row.clone(), 3),
            (pair.clone(), 3),
            (Ty::slice(pair), 4),
            (Ty::slice(row.clone()), 4),
            (Ty::slice(Ty::vec(Ty::F64)), 3),
            (Ty::vec(Ty::F64), 2),
            (Ty::array(row, 2), 2),
        ];
        if self.singles && self.random.percent(20) {
            self.note("f32");
            return if self.random.percent(60) {
                (Ty::F32, By::Value)
            } else {
                (Ty::slice(Ty::F32), By::Ref)
            };
        }
        if self.random.percent(3) {
            return (Ty::slice(Ty::Usize), By::Ref);
        }
        if self.constants && self.random.percent(4) {
            self.note("own type");
            return (Ty::Own, By::Ref);
        }
        let (list, by): (&[(Ty, usize)], By) =
            if self.random.percent(52) { (&by_value, By::Value) } else { (&by_reference, By::Ref) };
        let weights: Vec<usize> = list.iter().map(|(_, weight)| *weight).collect();
        (list[self.random.weighted(&weights)].0.clone(), by)
    }

    fn params(&mut self, outputs: bool, most: usize) -> Vec<Param> {
        let count = self.random.between(1, most);
        let mut params: Vec<Param> = (0..count)
            .map(|k| {
                let (ty, by) = self.param_type(outputs);
                let lens = match &ty {
                    Ty::Usize => vec![self.random.between(0, 3)],
                    Ty::Vec(of) | Ty::Slice(of) => {
                        // What is filled may be empty before.
                        let least = usize::from(by != By::Mut || !matches!(ty, Ty::Vec(_)));
                        let mut lens = vec![if least == 0 && self.random.percent(60) {
                            0
                        } else {
                            self.random.between(1, 3)
                        }];
                        if matches!(**of, Ty::Vec(_) | Ty::Struct(Struct::Layer)) {
                            lens.push(self.random.between(1, 2));
                        }
                        lens
                    }
                    Ty::Struct(Struct::Layer) => vec![self.random.between(1, 2)],
                    _ => vec![],
                };
                let active = ty.holds_floats();
                self.note(parameter_key(&ty, by));
                Param { name: format!("a{k}"), ty, by, active, lens }
            })
            .collect();
        if !params.iter().any(|param| param.active && param.by != By::Mut) {
            let name = format!("a{}", params.len());
            params.push(Param { name, ty: Ty::F64, by: By::Value, active: true, lens: vec![] });
        }
        params
    }

    fn helper(&mut self, k: usize) -> String {
        let outputs = self.random.percent(60);
        let mut params = self.params(outputs, 3);
        let outputs = params.iter().any(|param| param.by == By::Mut);
        let results = [
            (Ty::F64, 20),
            (Ty::array(Ty::F64, 2), 6),
            (Ty::pair(Ty::F64, Ty::F64), 6),
            (Ty::vec(Ty::F64), 6),
            (Ty::pair(Ty::F64, Ty::array(Ty::F64, 2)), 1),
            (Ty::array(Ty::F64, 3), 2),
            (Ty::pair(Ty::F64, Ty::Usize), 1),
            (Ty::Unit, if outputs { 30 } else { 0 }),
        ];
        let weights: Vec<usize> = results.iter().map(|(_, weight)| *weight).collect();
        let result = if self.structs && self.random.percent(30) {
            Ty::Struct(Struct::Body)
        } else {
            results[self.random.weighted(&weights)].0.clone()
        };
        let lens = if matches!(result, Ty::Vec(_)) { vec![self.random.between(1, 3)] } else { vec![] };
        self.result_lens.clone_from(&lens);
        let wrt = self.restrict(&mut params).or_else(|| own::named(&params));
        let name = format!("h{k}");
        let (signature, body) = self.function(&name, &params, result.clone(), 26);
        let attribute = self.attribute(wrt.as_deref(), &params, false);
        let (mut path, mut text) = (name, format!("{attribute}\n{signature} {{ {body} }}\n"));
        match self.random.below(14) {
            0 => {
                self.note("modules");
                text = format!(
                    "mod inner{k} {{ use super::*; {attribute}\npub(crate) {signature} {{ {body} }} }}\n"
                );
                path = format!("inner{k}::{path}");
            }
            3 if signature.contains(": &") => {
                self.note("lifetimes");
                let signature = signature.replacen('(', "<'a>(", 1).replacen(": &", ": &'a ", 1);
                text = format!("{attribute}\n{signature} {{ {body} }}\n");
            }
            1 => {
                self.note("doc comments and other attributes");
                text =
                    format!("/// A helper.\n{attribute}\n#[inline]\npub(crate) {signature} {{ {body} }}\n");
            }
            2 => {
                self.note("#[cfg] on a function");
                text = format!(
                    "#[cfg(not(miri))]\n{attribute}\n{signature} {{ {body} }}\n#[cfg(miri)]\n{attribute}\n{signature} {{ unimplemented!() }}\n"
                );
            }
            _ => {}
        }
        self.functions.push(Function { path, params, result, lens, derivable: false });
        text
    }

    /// Now and then some of the parameters are constants.
    fn restrict(&mut self, params: &mut [Param]) -> Option<Vec<String>> {
        let floats: Vec<usize> =
            (0..params.len()).filter(|k| params[*k].active && params[*k].by != By::Mut).collect();
        let scalars: Vec<usize> = floats
            .iter()
            .copied()
            .filter(|k| params[*k].ty == Ty::F64 && params[*k].by == By::Value)
            .collect();
        if floats.len() < 2 || scalars.is_empty() || !self.random.percent(20) {
            return None;
        }
        let constant = *self.random.pick(&scalars);
        params[constant].active = false;
        self.note("wrt");
        Some(own::differentiated(params))
    }

    fn attribute(&mut self, wrt: Option<&[String]>, params: &[Param], is_root: bool) -> String {
        let mut words = Vec::new();
        if self.second {
            self.note("second");
            words.push("second".to_owned());
        }
        if let Some(wrt) = wrt {
            words.push(format!("wrt({})", wrt.join(", ")));
        }
        if is_root
            && matches!(self.result, Ty::Array(..) | Ty::Tuple(_) | Ty::Vec(_))
            && params.iter().all(|param| param.by != By::Mut)
        {
            match self.random.below(4) {
                0 => {
                    self.note("jacobian = …");
                    words.push("jacobian = reverse".to_owned());
                }
                1 => {
                    self.note("jacobian = …");
                    words.push("jacobian = forward".to_owned());
                }
                _ => {}
            }
        }
        if words.is_empty() { "#[grad]".to_owned() } else { format!("#[grad({})]", words.join(", ")) }
    }

    fn root(&mut self) -> (String, Vec<Param>, String) {
        let outputs = !self.second && self.random.percent(25);
        let mut params = self.params(outputs, 4);
        // The harness calls with three indices.
        for param in params.iter_mut().filter(|param| param.ty == Ty::slice(Ty::Usize)) {
            param.lens = vec![3];
        }
        let has_outputs = params.iter().any(|param| param.by == By::Mut);
        let results = [
            (Ty::F64, 40),
            (Ty::array(Ty::F64, 2), if self.second { 0 } else { 4 }),
            (Ty::pair(Ty::F64, Ty::F64), if self.second { 0 } else { 4 }),
            (Ty::vec(Ty::F64), if self.second { 0 } else { 5 }),
            (Ty::Unit, if has_outputs { 40 } else { 0 }),
        ];
        let weights: Vec<usize> = results.iter().map(|(_, weight)| *weight).collect();
        let result = results[self.random.weighted(&weights)].0.clone();
        self.note(match &result {
            Ty::F64 => "float result",
            Ty::Unit => "outputs only",
            _ => "aggregate result",
        });
        self.result_lens =
            if matches!(result, Ty::Vec(_)) { vec![self.random.between(1, 3)] } else { vec![] };
        let wrt = self.restrict(&mut params).or_else(|| own::named(&params));
        self.checkpoint = self.random.percent(4);
        let (signature, body) = self.function("root", &params, result, 60);
        let attribute = self.attribute(wrt.as_deref(), &params, true);
        ("root".into(), params, format!("{attribute}\npub {signature} {{ {body} }}\n"))
    }

    /// The parameters as the only names in scope, and how they are declared.
    fn frame(&mut self, params: &[Param], result: &Ty, budget: isize) -> Vec<String> {
        self.vars.clear();
        (self.depth, self.loops, self.closures, self.unchanging, self.configured) = (0, 0, 0, 0, 0);
        (self.budget, self.chains) = (budget, 2);
        self.result = result.clone();
        self.returns = self.random.percent(35);
        let mut list = Vec::new();
        for param in params {
            let sign = match param.by {
                By::Value => "",
                By::Ref => "&",
                By::Mut => "&mut ",
            };
            let mutable = param.by == By::Mut
                || param.by == By::Value && self.random.percent(20) && param.ty != Ty::Usize;
            let keyword = if mutable && param.by == By::Value { "mut " } else { "" };
            list.push(if param.name == "self" {
                format!("{sign}{keyword}self")
            } else {
                format!("{keyword}{}: {sign}{}", param.name, param.ty.text())
            });
            let at = self.declare(&param.name, param.ty.clone(), param.by, mutable, param.lens.clone());
            self.vars[at].typed_integer = true;
            match param.ty {
                Ty::Usize => self.vars[at].bound = param.lens.first().copied(),
                _ => self.vars[at].keeps_length = param.by == By::Mut,
            }
            if !param.active && param.ty.is_float() {
                // Assigning to a constant what is not would be refused.
                self.vars[at].mutable = false;
            }
        }
        list
    }

    /// A function's signature and body.
    fn function(&mut self, name: &str, params: &[Param], result: Ty, budget: isize) -> (String, String) {
        let list = self.frame(params, &result, budget).join(", ");
        let arrow = if result == Ty::Unit { String::new() } else { format!(" -> {}", result.text()) };
        let signature = format!("fn {name}({list}){arrow}");
        let mut body = if self.checkpoint { self.loop_to_run_again() } else { String::new() };
        let count = self.random.between(1, if budget > 40 { 6 } else { 3 });
        body += &self.statements(count);
        // Something of what was declared last is in the result for certain.
        match &result {
            Ty::Unit => body += &self.outputs(params),
            Ty::F64 => {
                self.budget = self.budget.max(4);
                let (a, b) = self.known(|cx| (cx.float(2), cx.latest()));
                body += &format!("{a} + {b}");
            }
            _ => {
                self.budget = self.budget.max(4);
                let value = self.known(Generator::result_value);
                body += &value;
            }
        }
        (signature, body)
    }

    /// A sum of parts of the names declared last.
    fn latest(&mut self) -> String {
        let mut terms = Vec::new();
        for _ in 0..2 {
            let vars = self.vars.len();
            let place = self.place_where(|p| p.ty == Ty::F64 && p.root + 3 >= vars);
            terms.push(place.map_or_else(|| self.leaf(false), |place| place.value()));
        }
        terms.join(" * ")
    }

    fn outputs(&mut self, params: &[Param]) -> String {
        let mut text = String::new();
        for param in params.iter().filter(|param| param.by == By::Mut) {
            let name = param.name.clone();
            let Some(at) = self.vars.iter().position(|var| var.name == name) else { continue };
            if !self.visible(at) || !self.can_change(at) {
                continue;
            }
            self.vars[at].blocked += 1;
            let value = self.float(2);
            self.vars[at].blocked -= 1;
            text += &match &param.ty {
                Ty::F64 => format!("*{name} += {value};"),
                Ty::Tuple(_) => format!("{name}.1 += {value};"),
                Ty::Struct(Struct::Body) => format!("{name}.at[0] += {value};"),
                Ty::Struct(Struct::Layer) => format!("{name}.b *= {value};"),
                Ty::Slice(of) | Ty::Vec(of) | Ty::Array(of, _) => match **of {
                    Ty::F64 if self.vars[at].lens.first() == Some(&0) => format!("{name}.push({value});"),
                    Ty::F64 => format!("{name}[0] += {value};"),
                    Ty::Tuple(_) => format!("{name}[0].0 -= {value};"),
                    Ty::Struct(_) => format!("{name}[0].m -= {value};"),
                    _ => format!("{name}[0][1] = {value};"),
                },
                _ => String::new(),
            };
        }
        text
    }
}

/// What the harness calls the root with.
fn arg(param: &Param) -> Arg {
    let data = match &param.ty {
        Ty::Usize => Data::Text(format!("{}usize", param.lens[0])),
        Ty::I32 => Data::Text("2i32".into()),
        Ty::Bool => Data::Text("true".into()),
        Ty::Own => Data::Text("MODULE::state()".into()),
        Ty::Slice(of) if **of == Ty::Usize => Data::Text("vec![1_usize, 0, 2]".into()),
        _ if !param.active => Data::Text("CONSTANT".into()),
        ty => Data::of(ty, &param.lens),
    };
    Arg { by: param.by, active: param.active, data }
}

fn parameter_key(ty: &Ty, by: By) -> &'static str {
    match (ty, by) {
        (_, By::Mut) => "&mut parameter",
        (ty, _) if !ty.holds_floats() => "constant parameter",
        (ty, _) if ty.holds_struct() => "struct as a parameter",
        (Ty::F64 | Ty::F32, _) => "number as a parameter",
        (Ty::Vec(of) | Ty::Slice(of), _) if !of.is_float() => "rows as a parameter",
        (Ty::Vec(_) | Ty::Slice(_), _) => "slice or Vec as a parameter",
        (Ty::Array(..), _) => "array as a parameter",
        _ => "tuple as a parameter",
    }
}

#[cfg(test)]
mod tests {
    use super::generate;
    use crate::constructs;
    use std::collections::BTreeMap;

    #[test]
    fn a_seed_gives_the_same_program_again() {
        for k in 0..20 {
            assert_eq!(generate(7, k).source, generate(7, k).source);
        }
        assert_ne!(generate(7, 0).source, generate(8, 0).source);
        assert_ne!(generate(7, 0).source, generate(7, 1).source);
    }

    /// At least 100 times in 10,000 programs, with room for chance.
    #[test]
    fn everything_on_the_page_occurs_often_enough() {
        const PROGRAMS: u64 = 2000;
        let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
        for k in 0..PROGRAMS {
            let program = generate(1, k);
            assert!(syn::parse_str::<syn::File>(&program.source).is_ok(), "{}", program.source);
            for construct in program.constructs {
                *counts.entry(construct).or_default() += 1;
            }
        }
        let rare: Vec<_> = constructs::ALL
            .iter()
            .map(|name| (name, counts.get(name).copied().unwrap_or(0)))
            .filter(|(_, count)| *count < PROGRAMS / 100)
            .collect();
        assert!(rare.is_empty(), "too rare: {rare:?}");
    }
}
