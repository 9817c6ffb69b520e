//! Statements: bindings, assignments, branches, loops, calls, and the smaller things of the page of supported Rust.

use super::Generator;
use super::chain::{Item, length};
use super::expression::shorter;
use super::scope::Place;
use crate::types::{By, Ty};

impl Generator {
    /// Some statements in a scope of their own.
    pub(super) fn block(&mut self, most: usize) -> String {
        let vars = self.vars.len();
        self.depth += 1;
        let count = self.random.between(1, most);
        let text = self.statements(count);
        self.depth -= 1;
        self.leave(vars);
        text
    }

    pub(super) fn statements(&mut self, count: usize) -> String {
        let mut text = String::new();
        for _ in 0..count {
            text += &self.statement();
            text.push('\n');
        }
        text
    }

    fn statement(&mut self) -> String {
        if self.budget <= 0 {
            return self.compound_assignment().unwrap_or_default();
        }
        self.budget -= 3;
        for _ in 0..4 {
            let nests = self.depth < 4;
            let found = match self.random.weighted(&[
                12, 14, 6, 13, 9, 10, 11, 5, 3, 5,
                if nests { 12 } else { 0 },
                if nests { 18 } else { 0 },
                if nests { 4 } else { 0 },
                14, 5, 3, 4, 2, 5, 3,
                if nests { 2 } else { 0 },
                5, 2, 6, 2, 2, 7,
            ]) {
                0 => Some(self.let_float()),
                1 => Some(self.let_aggregate()),
                2 => self.let_pattern(),
                3 => self.compound_assignment(),
                4 => self.assignment(),
                5 => self.growth(),
                6 => self.swap(),
                7 => self.mutable_reference(),
                8 => self.reference(),
                9 => self.split(),
                10 => Some(self.branch()),
                11 => self.for_loop(),
                12 => Some(self.while_loop()),
                13 => self.call_statement(),
                14 => self.let_closure(),
                15 => Some(self.changing_closure()),
                16 => Some(self.macro_statement()),
                17 => Some(self.item()),
                18 => self.let_collected(),
                19 => self.early_exit(),
                20 => {
                    self.note("block");
                    Some(format!("{{ {} }}", self.block(3)))
                }
                21 => self.for_each(),
                22 => self.conditional_compilation(),
                23 => Some(self.vec_from_nothing()),
                24 => self.kept_chain(),
                25 => self.chunks_mut(),
                _ => self.row_replaced(),
            };
            if let Some(found) = found {
                return found;
            }
        }
        self.let_float()
    }

    fn let_float(&mut self) -> String {
        let single = self.singles && self.random.percent(25);
        let ty = if single { Ty::F32 } else { Ty::F64 };
        let form = self.random.below(6);
        let value = if form < 3 {
            self.known(|cx| cx.number(single, 3))
        } else {
            self.unknown(|cx| cx.number(single, 3))
        };
        let shadowed = self.place(&ty).filter(|p| p.whole == Some(By::Value) && !p.text.starts_with(char::is_uppercase));
        let name = match shadowed {
            Some(place) if form != 4 && self.random.percent(20) => {
                self.note("shadowing");
                place.text
            }
            _ => self.fresh("x"),
        };
        self.declare(&name, ty.clone(), By::Value, matches!(form, 1 | 2 | 3), vec![]);
        self.note("let");
        match form {
            0 => format!("let {name}: {} = {value};", ty.text()),
            1 | 2 => format!("let mut {name}: {} = {value};", ty.text()),
            3 => format!("let mut {name} = {value};"),
            4 => {
                self.note("let without a value");
                format!("let {name}; {name} = {value};")
            }
            _ => format!("let {name} = {value};"),
        }
    }

    /// A type for a variable.
    pub(super) fn aggregate(&mut self) -> Ty {
        let pair = Ty::pair(Ty::F64, Ty::F64);
        let row = Ty::array(Ty::F64, 2);
        let types = [
            row.clone(),
            Ty::array(Ty::F64, 3),
            pair.clone(),
            Ty::vec(Ty::F64),
            Ty::vec(Ty::F64),
            Ty::vec(row.clone()),
            Ty::vec(pair.clone()),
            Ty::vec(Ty::vec(Ty::F64)),
            Ty::vec(Ty::vec(Ty::F64)),
            Ty::pair(Ty::F64, row.clone()),
            Ty::array(row, 2),
            Ty::pair(Ty::vec(Ty::F64), Ty::F64),
            Ty::pair(Ty::F64, Ty::Usize),
            Ty::array(pair, 2),
        ];
        self.random.pick(&types).clone()
    }

    fn let_aggregate(&mut self) -> String {
        let ty = self.aggregate();
        let annotated = self.random.percent(35);
        let (value, lens) =
            if annotated { self.known(|cx| cx.value(&ty, 2)) } else { self.unknown(|cx| cx.value(&ty, 2)) };
        let name = self.fresh(if ty.is_copy() { "a" } else { "u" });
        let mutable = self.random.percent(75);
        let at = self.declare(&name, ty.clone(), By::Value, mutable, lens);
        self.vars[at].exact = value.starts_with("vec![");
        let keyword = if mutable { "let mut" } else { "let" };
        self.note(if ty.is_copy() { "let of an aggregate" } else { "let of a Vec" });
        if annotated {
            format!("{keyword} {name}: {} = {value};", ty.text())
        } else {
            format!("{keyword} {name} = {value};")
        }
    }

    fn let_pattern(&mut self) -> Option<String> {
        match self.random.below(6) {
            0 => {
                let ty = Ty::pair(Ty::F64, Ty::F64);
                let (value, _) = self.value(&ty, 2);
                let (a, b) = (self.fresh("p"), self.fresh("q"));
                self.note("let (p, q)");
                self.declare(&a, Ty::F64, By::Value, false, vec![]);
                let mutable = self.random.percent(30);
                self.declare(&b, Ty::F64, By::Value, mutable, vec![]);
                Some(format!("let ({a}, {}{b}) = {value};", if mutable { "mut " } else { "" }))
            }
            1 => {
                let ty = Ty::array(Ty::F64, 3);
                let (value, _) = self.value(&ty, 2);
                let (a, b) = (self.fresh("p"), self.fresh("q"));
                self.note("let [p, q, _]");
                self.declare(&a, Ty::F64, By::Value, false, vec![]);
                self.declare(&b, Ty::F64, By::Value, false, vec![]);
                Some(format!("let [{a}, {b}, _] = {value};"))
            }
            2 => {
                let place = self.place_where(|p| matches!(&p.ty, Ty::Array(..) | Ty::Tuple(_)))?;
                let (open, close, parts): (_, _, Vec<Ty>) = match &place.ty {
                    Ty::Array(of, len) => ("[", "]", vec![(**of).clone(); *len]),
                    Ty::Tuple(parts) => ("(", ")", parts.clone()),
                    _ => return None,
                };
                let names: Vec<String> = parts
                    .iter()
                    .map(|ty| {
                        let name = self.fresh("r");
                        let at = self.declare(&name, ty.clone(), By::Ref, false, place.lens.clone());
                        self.borrow(at, place.root, false);
                        name
                    })
                    .collect();
                self.note("let [p, q] = &a");
                Some(format!("let {open}{}{close} = {};", names.join(", "), place.reference()))
            }
            3 if self.jumps && self.closures == 0 && self.random.percent(40) => {
                let n = self.int();
                let (name, result) = (self.fresh("i"), self.result_value());
                self.declare_index(&name, 4);
                self.note("let else of constants");
                Some(format!("let Some({name}) = usize::min({n}, 5).checked_sub(1) else {{ return {result}; }};"))
            }
            3 if self.jumps && self.closures == 0 => {
                let row = self.place_where(|p| matches!(&p.ty, Ty::Slice(of) if **of == Ty::F64))?;
                let name = self.fresh("p");
                let result = self.result_value();
                self.declare(&name, Ty::F64, By::Value, false, vec![]);
                self.note("let else");
                Some(format!("let &[{name}, ..] = {} else {{ return {result} }};", row.reference()))
            }
            4 => {
                let (x, y) = (self.place(&Ty::F64)?, self.place(&Ty::F64)?);
                let (a, b) = (self.fresh("p"), self.fresh("q"));
                let at = self.declare(&a, Ty::F64, By::Ref, false, vec![]);
                self.borrow(at, x.root, false);
                self.declare(&b, Ty::F64, By::Value, false, vec![]);
                self.note("let (p, &q)");
                Some(format!("let ({a}, &{b}) = ({}, {});", x.reference(), y.reference()))
            }
            _ => {
                let n = self.int();
                let name = self.fresh("n");
                let at = self.declare(&name, Ty::Usize, By::Value, false, vec![]);
                self.vars[at].bound = Some(4);
                self.vars[at].typed_integer = true;
                self.note("let of an integer");
                Some(format!("let {name}: usize = usize::min({n}, 4);"))
            }
        }
    }

    fn compound_assignment(&mut self) -> Option<String> {
        let single = self.singles && self.random.percent(20);
        let ty = if single { Ty::F32 } else { Ty::F64 };
        let place = self.mutable_place(&ty)?;
        self.vars[place.root].blocked += usize::from(place.whole.is_none());
        let value = self.number(single, 2);
        self.vars[place.root].blocked -= usize::from(place.whole.is_none());
        let target = place.target();
        if place.whole.is_none() {
            self.note("element assigned");
        }
        self.note("compound assignment");
        Some(match self.random.below(12) {
            0..=4 => format!("{target} += {value};"),
            5 | 6 => format!("{target} -= {value};"),
            7..=9 => {
                format!("{target} *= {value}.cos();")
            }
            10 => {
                let leaf = self.leaf(single);
                let one = self.literal(single);
                format!("{target} /= {one} + {leaf} * {leaf};")
            }
            _ => {
                let two = if single { "2.5e0" } else { "2.5" };
                format!("{target} %= {two};")
            }
        })
    }

    fn assignment(&mut self) -> Option<String> {
        let place = self.place_where(|p| p.mutable && p.ty.holds_floats() && !matches!(p.ty, Ty::Slice(_)))?;
        let root = place.root;
        if !place.ty.is_copy() {
            return self.replace_rows(&place);
        }
        self.vars[root].blocked += 1;
        let value = self.known(|cx| cx.value(&place.ty, 2)).0;
        self.vars[root].blocked -= 1;
        self.note(if place.whole.is_some() { "assignment" } else { "element assigned" });
        Some(format!("{} = {value};", place.target()))
    }

    /// `u = vec![…]`, `m[0] = vec![…]`: lengths may change where nobody counts on them.
    fn replace_rows(&mut self, place: &Place) -> Option<String> {
        let root = place.root;
        if self.vars[root].keeps_length {
            return None;
        }
        let here = self.vars[root].depth == self.depth && self.vars[root].loops == self.loops;
        self.vars[root].blocked += 1;
        let (value, lens) = self.value(&place.ty, 1);
        self.vars[root].blocked -= 1;
        let before = place.lens.clone();
        if !here && !(lens.len() == before.len() && lens.iter().zip(&before).all(|(new, old)| new >= old)) {
            return None;
        }
        self.vars[root].exact = false;
        if place.whole.is_some() {
            self.note("Vec replaced");
            if here {
                self.vars[root].lens = lens;
            }
        } else {
            self.note("row replaced");
            let known = &mut self.vars[root].lens;
            let from = known.len() - lens.len();
            let tail = shorter(&known[from..], &lens);
            known.truncate(from);
            known.extend(tail);
        }
        Some(format!("{} = {value};", place.target()))
    }

    fn row_replaced(&mut self) -> Option<String> {
        let place = self.place_where(|p| p.mutable && p.whole.is_none() && matches!(p.ty, Ty::Vec(_)))?;
        self.replace_rows(&place)
    }

    fn growth(&mut self) -> Option<String> {
        let place = self.place_where(|p| p.mutable && matches!(p.ty, Ty::Vec(_)))?;
        let root = place.root;
        let Ty::Vec(of) = place.ty.clone() else { return None };
        let here = place.whole.is_some() && self.vars[root].depth == self.depth && self.vars[root].loops == self.loops;
        self.vars[root].blocked += 1;
        let text = match self.random.below(6) {
            0 | 1 => {
                let slice = Ty::slice((*of).clone());
                let from = self.place_where(|p| (p.ty == slice || p.ty == place.ty || matches!(&p.ty, Ty::Array(e, _) if *e == of)) && of.is_copy());
                match from {
                    Some(from) => {
                        self.note("extend_from_slice");
                        format!("{}.extend_from_slice({});", place.text, from.reference())
                    }
                    None => {
                        self.vars[root].blocked -= 1;
                        return None;
                    }
                }
            }
            2 if *of == Ty::F64 => {
                let value = self.float(1);
                self.note("fill");
                self.vars[root].blocked -= 1;
                return Some(format!("{}.fill({value});", place.text));
            }
            _ => {
                let (value, lens) = self.value(&of, 2);
                self.note("push");
                if !lens.is_empty() {
                    let known = &mut self.vars[root].lens;
                    let from = known.len() - lens.len();
                    let tail = shorter(&known[from..], &lens);
                    // In a loop a row that was read may be one of these the next time.
                    if !here && tail != known[from..] {
                        self.vars[root].blocked -= 1;
                        return None;
                    }
                    known.truncate(from);
                    known.extend(tail);
                }
                if here {
                    self.vars[root].lens[0] += 1;
                }
                format!("{}.push({value});", place.text)
            }
        };
        self.vars[root].blocked -= 1;
        let whole_push_here = here && text.contains(".push(");
        self.vars[root].exact &= whole_push_here;
        Some(text)
    }

    fn swap(&mut self) -> Option<String> {
        match self.random.below(6) {
            0 => {
                let row = self.place_where(|p| p.mutable && length(&p.ty, &p.lens) >= 2 && p.ty.element().is_some())?;
                let len = length(&row.ty, &row.lens);
                let (i, j) = (self.index(len, None), self.index(len, None));
                self.note("swap");
                Some(format!("{}.swap({i}, {j});", row.text))
            }
            1 | 5 => {
                let (a, b) = (self.mutable_place(&Ty::F64)?, self.mutable_place(&Ty::F64)?);
                if a.root == b.root {
                    return None;
                }
                self.note("mem::swap");
                Some(format!("std::mem::swap({}, {});", a.mutable_reference(), b.mutable_reference()))
            }
            2 => {
                let place = self.mutable_place(&Ty::F64)?;
                self.vars[place.root].blocked += 1;
                let value = self.float(2);
                self.vars[place.root].blocked -= 1;
                let name = self.fresh("old");
                self.declare(&name, Ty::F64, By::Value, false, vec![]);
                self.note("mem::replace");
                Some(format!("let {name} = std::mem::replace({}, {value});", place.mutable_reference()))
            }
            3 => {
                let row = self.place_where(|p| p.mutable && p.ty.element() == Some(&Ty::F64) && length(&p.ty, &p.lens) >= 1)?;
                self.vars[row.root].blocked += 1;
                let from = self.place_where(|p| p.ty.element() == Some(&Ty::F64) && length(&p.ty, &p.lens) >= 1);
                self.vars[row.root].blocked -= 1;
                let from = from?;
                let len = length(&row.ty, &row.lens).min(length(&from.ty, &from.lens));
                self.note("copy_from_slice");
                Some(format!("{}[..{len}].copy_from_slice(&{}[..{len}]);", row.text, from.text))
            }
            _ => {
                let row = self.place_where(|p| p.mutable && p.ty.element() == Some(&Ty::F64))?;
                self.vars[row.root].blocked += 1;
                let value = self.float(2);
                self.vars[row.root].blocked -= 1;
                self.note("fill");
                Some(format!("{}.fill({value});", row.text))
            }
        }
    }

    /// `Vec::new()`, and what is pushed to it.
    fn vec_from_nothing(&mut self) -> String {
        let of = self.random.pick(&[Ty::F64, Ty::F64, Ty::array(Ty::F64, 2), Ty::pair(Ty::F64, Ty::F64)]).clone();
        let name = self.fresh("u");
        let new = match self.random.below(4) {
            0 => "Vec::with_capacity(3)".to_owned(),
            1 => {
                self.note("Vec::with_capacity");
                format!("Vec::<{}>::with_capacity(2)", of.text())
            }
            _ => "Vec::new()".to_owned(),
        };
        let annotation =
            if self.random.percent(35) { format!(": Vec<{}>", of.text()) } else { String::new() };
        self.note("Vec::new");
        let mut text = format!("let mut {name}{annotation} = {new};\n");
        let mut least = 0;
        match self.random.weighted(&[1, 2, 1]) {
            0 => {
                let range = self.range();
                let value = self.in_closure(|cx| {
                    let pattern = cx.pattern(&range.item);
                    let (value, _) = cx.value(&of, 2);
                    format!("for {pattern} in {} {{ {name}.push({value}); }}", range.text)
                });
                text += &value;
                least = range.least;
            }
            // Only a function fills it, so that its type is not written anywhere.
            1 if of == Ty::F64 => {
                let vec = Ty::vec(of.clone());
                let filling = |f: &super::call::Function| {
                    f.params.iter().any(|param| param.by == By::Mut && param.ty == vec && param.lens == [0])
                };
                let found: Vec<super::call::Function> = self.functions.iter().filter(|f| filling(f)).cloned().collect();
                if found.is_empty() {
                    let (value, _) = self.value(&of, 2);
                    text += &format!("{name}.push({value});");
                    least = 1;
                } else {
                    let function = self.random.pick(&found).clone();
                    // The only one of its type that may be changed.
                    let hidden: Vec<usize> =
                        (0..self.vars.len()).filter(|at| self.vars[*at].ty == vec && self.vars[*at].mutable).collect();
                    for at in &hidden {
                        self.vars[*at].blocked += 1;
                    }
                    let at = self.declare(&name, vec.clone(), By::Value, true, vec![0]);
                    let call = self.call(&function);
                    debug_assert_eq!(at + 1, self.vars.len());
                    self.vars.pop();
                    for at in &hidden {
                        self.vars[*at].blocked -= 1;
                    }
                    match call {
                        Some(call) => {
                            self.note("Vec filled by a function");
                            text += &format!("{call};");
                        }
                        None => {
                            let (value, _) = self.value(&of, 2);
                            text += &format!("{name}.push({value});");
                            least = 1;
                        }
                    }
                }
            }
            _ => {
                for _ in 0..self.random.between(1, 2) {
                    let (value, _) = self.value(&of, 2);
                    text += &format!("{name}.push({value});\n");
                    least += 1;
                }
            }
        }
        self.declare(&name, Ty::vec(of), By::Value, true, vec![least]);
        text
    }

    /// An iterator in a variable, which is used up at once.
    fn kept_chain(&mut self) -> Option<String> {
        let chain = self.chain(2)?;
        let (kept, name) = (self.fresh("kept"), self.fresh("x"));
        let value = self.in_closure(|cx| {
            let pattern = cx.pattern(&chain.item);
            format!("|{pattern}| {}", cx.float(2))
        });
        self.declare(&name, Ty::F64, By::Value, false, vec![]);
        self.note("chain kept in a variable");
        Some(format!("let {kept} = {}; let {name} = {kept}.map({value}).sum::<f64>();", chain.text))
    }

    fn chunks_mut(&mut self) -> Option<String> {
        let row = self.place_where(|p| p.mutable && p.ty.element() == Some(&Ty::F64))?;
        let part = self.fresh("part");
        self.vars[row.root].blocked += 1;
        let value = self.in_closure(|cx| {
            let at = cx.declare(&part, Ty::slice(Ty::F64), By::Mut, true, vec![1]);
            cx.vars[at].keeps_length = true;
            cx.float(2)
        });
        self.vars[row.root].blocked -= 1;
        let method = *self.random.pick(&["chunks_mut", "chunks_exact_mut"]);
        self.note("chunks_mut");
        Some(format!("for {part} in {}.{method}(2) {{ {part}[0] = {value}; }}", row.text))
    }

    /// A mutable reference that lives for some statements.
    fn mutable_reference(&mut self) -> Option<String> {
        let place = self.place_where(|p| p.mutable && p.ty.holds_floats() && p.ty.is_copy())?;
        let name = self.fresh("r");
        let vars = self.vars.len();
        let at = self.declare(&name, place.ty.clone(), By::Mut, true, place.lens.clone());
        self.vars[at].keeps_length = true;
        self.borrow(at, place.root, true);
        let mut text = format!("let {name} = {};\n", place.mutable_reference());
        self.note("let r = &mut");
        for _ in 0..2 {
            let part = if place.ty == Ty::F64 {
                let value = self.float(2);
                let op = *self.random.pick(&["=", "+=", "-="]);
                Some(format!("*{name} {op} {value};"))
            } else if self.random.percent(50) {
                self.compound_assignment()
            } else {
                self.call_statement()
            };
            text += &part.unwrap_or_default();
        }
        // The names declared since are out of reach from here on: they may borrow it.
        self.leave(vars);
        self.note("through a reference");
        Some(format!("{{ {text} }}"))
    }

    fn reference(&mut self) -> Option<String> {
        let place = self.place_where(|p| p.ty.holds_floats() && !matches!(p.ty, Ty::Slice(_)))?;
        let name = self.fresh("r");
        let at = self.declare(&name, place.ty.clone(), By::Ref, false, place.lens.clone());
        self.borrow(at, place.root, false);
        self.note("let r = &");
        Some(format!("let {name} = {};", place.reference()))
    }

    fn split(&mut self) -> Option<String> {
        let (a, b) = (self.fresh("lo"), self.fresh("hi"));
        if self.random.percent(50) {
            let row = self.place_where(|p| p.ty.element().is_some_and(Ty::is_copy) && length(&p.ty, &p.lens) >= 2)?;
            let (of, len) = (row.ty.element()?.clone(), length(&row.ty, &row.lens));
            let k = self.random.between(1, len - 1);
            for (name, len) in [(&a, k), (&b, len - k)] {
                let at = self.declare(name, Ty::slice(of.clone()), By::Ref, false, vec![len]);
                self.borrow(at, row.root, false);
            }
            self.note("split_at");
            return Some(format!("let ({a}, {b}) = {}.split_at({k});", row.text));
        }
        let row = self.place_where(|p| p.mutable && p.ty.element().is_some_and(Ty::is_copy) && length(&p.ty, &p.lens) >= 2)?;
        let (of, len) = (row.ty.element()?.clone(), length(&row.ty, &row.lens));
        let k = self.random.between(1, len - 1);
        let vars = self.vars.len();
        for (name, len) in [(&a, k), (&b, len - k)] {
            let at = self.declare(name, Ty::slice(of.clone()), By::Mut, true, vec![len]);
            self.vars[at].keeps_length = true;
            self.borrow(at, row.root, true);
        }
        let body = match of {
            Ty::F64 => {
                let value = self.float(1);
                let body = format!("{a}[0] += {value} * {b}[0];");
                if self.random.percent(50) { body + &self.call_statement().unwrap_or_default() } else { body }
            }
            _ => self.call_statement().or_else(|| self.compound_assignment()).unwrap_or_default(),
        };
        self.leave(vars);
        self.note("split_at_mut");
        Some(format!("{{ let ({a}, {b}) = {}.split_at_mut({k}); {body} }}", row.text))
    }

    fn branch(&mut self) -> String {
        match self.random.below(8) {
            0..=3 => {
                let condition = self.condition();
                let then = self.block(3);
                self.note("if");
                let mut text = format!("if {condition} {{ {then} }}");
                if self.random.percent(25) {
                    let (condition, body) = (self.condition(), self.block(2));
                    text += &format!(" else if {condition} {{ {body} }}");
                }
                if self.random.percent(55) {
                    self.note("else");
                    text += &format!(" else {{ {} }}", self.block(3));
                }
                text
            }
            4 => {
                let (n, a, b, c) = (self.int(), self.block(2), self.block(2), self.block(2));
                self.note("match");
                format!("match {n} {{ 0 => {{ {a} }} 1..=2 => {{ {b} }} _ => {{ {c} }} }}")
            }
            5 => {
                let (n, condition) = (self.int(), self.condition());
                let (a, b) = (self.block(2), self.block(2));
                let guard = self.condition();
                self.note("match of a tuple");
                self.note("match with a guard");
                format!("match ({condition}, {n}) {{ (true, 0) => {{ {a} }} (_, i) if i > 1 || ({guard}) => {{ {b} }} _ => {{}} }}")
            }
            6 => {
                let (n, body) = (self.int(), self.block(2));
                self.note("if let of constants");
                format!("if let 1 | 2 = {n} {{ {body} }}")
            }
            _ => {
                let n = self.int();
                let name = self.fresh("i");
                let vars = self.vars.len();
                self.depth += 1;
                self.declare_index(&name, 4);
                let body = self.block(2);
                self.depth -= 1;
                self.leave(vars);
                self.note("if let Some");
                format!("if let Some({name}) = usize::min({n}, 5).checked_sub(1) {{ {body} }}")
            }
        }
    }

    fn for_loop(&mut self) -> Option<String> {
        let (vars, label) = (self.vars.len(), self.fresh("'l"));
        let labelled = self.random.percent(20);
        let head = match self.random.weighted(&[10, 12, 5, 4, 5, 3]) {
            0 => {
                let mut range = self.range();
                match self.random.below(5) {
                    0 => {
                        self.note("for in reverse");
                        range.text += ".rev()";
                    }
                    1 => {
                        self.note("for with steps");
                        range.text += ".step_by(2)";
                    }
                    _ => {}
                }
                self.note("for over a range");
                self.depth += 1;
                let pattern = self.pattern(&range.item);
                format!("for {pattern} in {}", range.text)
            }
            1 => {
                let chain = self.chain(1)?;
                self.note("for over a chain");
                self.depth += 1;
                let root = self.freeze_named(&chain.text);
                let pattern = self.pattern(&chain.item);
                self.hold(root, vars);
                format!("for {pattern} in {}", chain.text)
            }
            2 => {
                let row = self.place_where(|p| p.mutable && p.ty.element().is_some() && p.whole != Some(By::Ref))?;
                let (of, lens) = (row.ty.element()?.clone(), inner_lens(&row));
                self.note("for over mutable elements");
                let other = if self.random.percent(35) {
                    self.vars[row.root].blocked += 1;
                    let other = self.place_where(|p| p.ty.element().is_some_and(Ty::is_copy));
                    self.vars[row.root].blocked -= 1;
                    other
                } else {
                    None
                };
                self.depth += 1;
                let head = if let Some(other) = other {
                    self.note("for over mutable elements and others");
                    let root = self.freeze_named(&other.text);
                    let pattern = self.pattern(&Item::Pair(
                        Box::new(Item::Mut(of, lens)),
                        Box::new(Item::Ref(other.ty.element()?.clone(), inner_lens(&other))),
                    ));
                    self.hold(root, vars);
                    format!("for {pattern} in {}.iter_mut().zip({}.iter())", row.text, other.text)
                } else {
                    let pattern = self.pattern(&Item::Mut(of, lens));
                    if self.random.percent(50) {
                        format!("for {pattern} in {}.iter_mut()", row.text)
                    } else {
                        format!("for {pattern} in {}", row.mutable_reference())
                    }
                };
                self.block_for(row.root, vars);
                head
            }
            3 => {
                // `for row in m`, `for z in &u`
                let row = self.place_where(|p| p.ty.element().is_some())?;
                let item = Item::Ref(row.ty.element()?.clone(), inner_lens(&row));
                self.note("for over a reference");
                self.depth += 1;
                let pattern = self.pattern(&item);
                self.hold(vec![row.root], vars);
                format!("for {pattern} in {}", row.reference())
            }
            4 => {
                let ty = self.random.pick(&[Ty::vec(Ty::F64), Ty::vec(Ty::pair(Ty::F64, Ty::F64)), Ty::vec(Ty::vec(Ty::F64))]).clone();
                let row = self.movable(&ty)?;
                self.vars[row.root].moved = true;
                self.note("for over a moved Vec");
                self.depth += 1;
                let of = row.ty.element()?.clone();
                let pattern = match of {
                    Ty::Vec(_) => {
                        let name = self.fresh("row");
                        self.declare(&name, of, By::Value, false, inner_lens(&row));
                        name
                    }
                    of => self.pattern(&Item::Value(of)),
                };
                format!("for {pattern} in {}", row.text)
            }
            _ => {
                let row = self.place_where(|p| matches!(&p.ty, Ty::Array(of, _) if of.is_copy()))?;
                self.note("for over an array");
                self.depth += 1;
                let pattern = self.pattern(&Item::Value(row.ty.element()?.clone()));
                format!("for {pattern} in {}", row.value())
            }
        };
        self.loops += 1;
        let text = self.loop_body(labelled.then_some(label.as_str()));
        self.loops -= 1;
        self.depth -= 1;
        self.leave(vars);
        Some(if labelled { format!("{label}: {head} {{ {text} }}") } else { format!("{head} {{ {text} }}") })
    }

    /// A loop that can run again, as `checkpoint` wants it: counted, in nothing, without a way out.
    pub(super) fn loop_to_run_again(&mut self) -> String {
        let (carried, start) = (self.fresh("c"), self.known(|cx| cx.float(2)));
        let at = self.declare(&carried, Ty::F64, By::Value, true, vec![]);
        let (k, vars, trips) = (self.fresh("k"), self.vars.len(), self.random.between(3, 7));
        self.vars[at].blocked += 1;
        (self.depth, self.loops, self.jumps) = (self.depth + 1, self.loops + 1, false);
        self.declare_index(&k, trips - 1);
        let count = self.random.between(0, 2);
        let statements = self.statements(count);
        self.vars[at].blocked -= 1;
        let value = self.float(2);
        (self.depth, self.loops, self.jumps) = (self.depth - 1, self.loops - 1, true);
        self.leave(vars);
        self.note("checkpoint");
        format!(
            "let mut {carried}: f64 = {start}; for {k} in 0..{trips} {{ {statements} {carried} = 0.5 * {carried}.sin() + {value}; }}"
        )
    }

    /// The variables that a text names: they are borrowed while it is used.
    fn freeze_named(&mut self, text: &str) -> Vec<usize> {
        let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
        (0..self.vars.len()).filter(|at| self.visible(*at) && words.contains(&self.vars[*at].name.as_str())).collect()
    }

    /// Freezes variables until what was declared since `vars` is left.
    fn hold(&mut self, roots: Vec<usize>, vars: usize) {
        let holder = self.holder(vars);
        for root in roots {
            self.borrow(holder, root, false);
        }
    }

    fn block_for(&mut self, root: usize, vars: usize) {
        let holder = self.holder(vars);
        self.borrow(holder, root, true);
    }

    /// A variable that nobody can name, to hold borrows.
    fn holder(&mut self, vars: usize) -> usize {
        if self.vars.len() > vars {
            return self.vars.len() - 1;
        }
        self.declare("_", Ty::Unit, By::Value, false, vec![])
    }

    fn loop_body(&mut self, label: Option<&str>) -> String {
        let mut text = String::new();
        if let Some(label) = label {
            self.labels.push(label.to_owned());
        } else {
            self.labels.push(String::new());
        }
        let count = self.random.between(1, 3);
        for _ in 0..count {
            text += &self.statement();
            if self.jumps && self.random.percent(12) {
                text += &self.jump();
            }
        }
        self.labels.pop();
        text
    }

    fn jump(&mut self) -> String {
        let condition = self.condition();
        let named: Vec<String> = self.labels.iter().filter(|label| !label.is_empty()).cloned().collect();
        let keyword = if self.random.percent(50) { "break" } else { "continue" };
        if !named.is_empty() && self.random.percent(50) {
            let label = self.random.pick(&named).clone();
            self.note("labels");
            return format!("if {condition} {{ {keyword} {label}; }}");
        }
        self.note(keyword_key(keyword));
        format!("if {condition} {{ {keyword}; }}")
    }

    /// Loops that end for certain: there is a counter.
    fn while_loop(&mut self) -> String {
        let counter = self.fresh("k");
        let vars = self.vars.len();
        self.depth += 1;
        self.loops += 1;
        let at = self.declare(&counter, Ty::Usize, By::Value, false, vec![]);
        self.vars[at].bound = Some(3);
        let text = match self.random.below(4) {
            0 | 1 => {
                let condition = self.condition();
                let body = self.loop_body_counted(&counter);
                self.note("while");
                format!("let mut {counter} = 0; while {counter} < 3 && ({condition}) {{ {body} }}")
            }
            2 => {
                let condition = self.condition();
                let body = self.loop_body_counted(&counter);
                self.note("loop");
                format!("let mut {counter} = 0; loop {{ if {counter} >= 2 || ({condition}) {{ break; }} {body} }}")
            }
            _ => {
                let left = self.fresh("left");
                let body = self.loop_body_counted(&counter);
                self.note("while let");
                format!(
                    "let mut {counter} = 0; while let Some({left}) = 3usize.checked_sub({counter}) {{ if {left} < 2 {{ break; }} {body} }}"
                )
            }
        };
        self.loops -= 1;
        self.depth -= 1;
        self.leave(vars);
        if self.random.percent(30) {
            // A value out of a loop.
            let name = self.fresh("x");
            let (step, value) = (self.fresh("k"), self.float(2));
            let leaf = self.leaf(false);
            self.note("loop as a value");
            self.declare(&name, Ty::F64, By::Value, false, vec![]);
            return format!(
                "{{ {text} }} let mut {step} = 0.5; let {name} = loop {{ {step} += 0.75 + {leaf} * {leaf}; if {step} > 2.0 {{ break {step} * {value}; }} }};"
            );
        }
        format!("{{ {text} }}")
    }

    fn loop_body_counted(&mut self, counter: &str) -> String {
        // First of all, so that `continue` does not miss it; an index is then one more.
        let body = self.loop_body(None);
        format!("{counter} += 1; {body}")
    }

    fn call_statement(&mut self) -> Option<String> {
        if self.functions.is_empty() {
            return None;
        }
        let functions = self.functions.clone();
        let function = self.random.pick(&functions).clone();
        let call = self.call(&function)?;
        if function.result == Ty::Unit {
            self.note("call for its outputs");
            return Some(format!("{call};"));
        }
        let name = self.fresh("y");
        let mutable = self.random.percent(30);
        let lens = function.lens.clone();
        self.declare(&name, function.result.clone(), By::Value, mutable, lens);
        self.note("let of a call");
        let keyword = if mutable { "let mut" } else { "let" };
        // What it is only rustc knows, unless it is written.
        if self.random.percent(50) {
            Some(format!("{keyword} {name} = {call};"))
        } else {
            Some(format!("{keyword} {name}: {} = {call};", function.result.text()))
        }
    }

    fn let_closure(&mut self) -> Option<String> {
        let by = if self.random.percent(70) { By::Value } else { By::Ref };
        let (name, z) = (self.fresh("f"), self.fresh("z"));
        let before = self.vars.len();
        let body = self.in_closure(|cx| {
            cx.declare(&z, Ty::F64, by, false, vec![]);
            cx.float(2)
        });
        let captured = self.freeze_named(&body);
        debug_assert_eq!(before, self.vars.len());
        let at = self.declare(&name, Ty::Unit, By::Value, false, vec![]);
        self.vars[at].closure = Some(by);
        let by_move = self.random.percent(20)
            && captured.iter().all(|at| self.vars[*at].ty.is_copy() && self.vars[*at].by == By::Value);
        for root in captured {
            self.borrow(at, root, false);
        }
        self.note("closure");
        let ty = if by == By::Value { "f64" } else { "&f64" };
        let typed = if by == By::Value && self.random.percent(15) {
            self.note("closure with a block");
            format!("{{ {body} }}")
        } else {
            body
        };
        let keyword = if by_move {
            self.note("move closure");
            "move "
        } else {
            ""
        };
        if by == By::Ref && self.random.percent(40)
            && let Some(row) = self.place_where(|p| p.ty.element() == Some(&Ty::F64))
        {
            let sum = self.fresh("x");
            self.declare(&sum, Ty::F64, By::Value, false, vec![]);
            self.note("closure passed on");
            return Some(format!(
                "let {name} = {keyword}|{z}: {ty}| {typed}; let {sum} = {}.iter().map({name}).sum::<f64>();",
                row.text
            ));
        }
        Some(format!("let {name} = {keyword}|{z}: {ty}| {typed};"))
    }

    /// A closure that assigns what it captures, and its calls.
    fn changing_closure(&mut self) -> String {
        let (s, add, z) = (self.fresh("s"), self.fresh("add"), self.fresh("z"));
        let start = self.float(1);
        let value = self.in_closure(|cx| {
            cx.declare(&z, Ty::F64, By::Value, false, vec![]);
            cx.float(2)
        });
        let (a, b) = (self.float(1), self.float(1));
        self.declare(&s, Ty::F64, By::Value, true, vec![]);
        self.note("closure that changes what it captures");
        format!(
            "let mut {s} = {start}; {{ let mut {add} = |{z}: f64| {s} += {value}; {add}({a}); {add}({b}); }}"
        )
    }

    fn macro_statement(&mut self) -> String {
        let x = self.leaf(false);
        match self.random.below(10) {
            8 => {
                let n = self.int();
                self.note("write!");
                let (text, write) = (self.fresh("text"), *self.random.pick(&["write", "writeln"]));
                format!(
                    "{{ use std::fmt::Write; let mut {text} = String::new(); {write}!({text}, \"{{}}\", {n}).unwrap(); }}"
                )
            }
            9 if self.constants => {
                self.note("debug!");
                format!("debug!(\"{{}}\", {x});")
            }
            0 => {
                self.note("assert!");
                format!("assert!({x} < 1000000000.0, \"too large: {{}}\", {x});")
            }
            1 => {
                self.note("assert!");
                format!("debug_assert!(({x}) == ({x}));")
            }
            2 | 3 => {
                self.note("eprintln!");
                let name = *self.random.pick(&["eprintln", "eprint"]);
                format!("{name}!(\"{{}}\", {x});")
            }
            4 => {
                self.note("panic!");
                let n = self.int();
                let name = *self.random.pick(&["panic", "unreachable", "todo", "unimplemented"]);
                format!("if {n} > 90 {{ {name}!(\"never\"); }}")
            }
            5 if self.constants => {
                self.note("other macros");
                let n = self.int();
                format!("ignored!({n}, 2);")
            }
            _ => {
                self.note("assert!");
                let n = self.int();
                match self.random.below(3) {
                    0 => format!("assert_ne!({n}, 77);"),
                    1 => format!("assert_eq!({n} + 1, 1 + {n});"),
                    _ => format!("debug_assert_ne!({n}, 77);"),
                }
            }
        }
    }

    fn item(&mut self) -> String {
        if self.random.percent(50) {
            let name = self.fresh("HALF");
            self.declare(&name, Ty::F64, By::Value, false, vec![]);
            self.note("local const");
            format!("const {name}: f64 = 0.5;")
        } else {
            let name = self.fresh("PI");
            self.declare(&name, Ty::F64, By::Value, false, vec![]);
            self.note("local use");
            format!("use std::f64::consts::PI as {name};")
        }
    }

    fn let_collected(&mut self) -> Option<String> {
        if self.random.percent(40) {
            let (text, least) = self.collected()?;
            let name = self.fresh("u");
            let mutable = self.random.percent(50);
            self.declare(&name, Ty::vec(Ty::F64), By::Value, mutable, vec![least]);
            self.note("collect");
            let keyword = if mutable { "let mut" } else { "let" };
            return Some(match text.strip_suffix("::<Vec<f64>>()") {
                Some(short) if self.random.percent(50) => format!("{keyword} {name}: Vec<f64> = {short}();"),
                _ => format!("{keyword} {name} = {text};"),
            });
        }
        let (chain, ty) = self.aggregates()?;
        let mutable = self.random.percent(40);
        let keyword = if mutable { "let mut" } else { "let" };
        if ty == Ty::pair(Ty::F64, Ty::F64) && self.random.percent(35) {
            let (a, b) = (self.fresh("u"), self.fresh("u"));
            self.declare(&a, Ty::vec(Ty::F64), By::Value, false, vec![chain.least]);
            self.declare(&b, Ty::vec(Ty::F64), By::Value, false, vec![chain.least]);
            self.note("unzip");
            return Some(format!("let ({a}, {b}): (Vec<f64>, Vec<f64>) = {}.unzip();", chain.text));
        }
        let name = self.fresh("u");
        self.declare(&name, Ty::vec(ty.clone()), By::Value, mutable, vec![chain.least]);
        self.note("collect of aggregates");
        Some(format!("{keyword} {name}: Vec<{}> = {}.collect();", ty.text(), chain.text))
    }

    fn early_exit(&mut self) -> Option<String> {
        if !self.returns || self.closures > 0 || !self.jumps {
            return None;
        }
        let condition = self.condition();
        let result = self.result_value();
        self.note("return");
        Some(match self.random.below(3) {
            0 => {
                let body = self.block(2);
                format!("if {condition} {{ {body} return {result}; }}")
            }
            _ => format!("if {condition} {{ return {result}; }}"),
        })
    }

    /// What the function returns here.
    pub(super) fn result_value(&mut self) -> String {
        let ty = self.result.clone();
        match &ty {
            Ty::Unit => String::new(),
            // Moved in a branch that ends here: as if it were not.
            Ty::Vec(of) => {
                let (least, vars) = (self.result_lens[0], self.vars.len());
                let moved: Vec<bool> = self.vars.iter().map(|var| var.moved).collect();
                let text = loop {
                    let (text, lens) = self.vector(&ty, of, 1, Some(least));
                    if lens[0] >= least {
                        break text;
                    }
                };
                self.leave(vars);
                for (var, moved) in self.vars.iter_mut().zip(moved) {
                    var.moved = moved;
                }
                text
            }
            ty => self.value(ty, 1).0,
        }
    }

    fn for_each(&mut self) -> Option<String> {
        if self.random.percent(50) {
            let row = self.place_where(|p| p.mutable && p.ty.element() == Some(&Ty::F64))?;
            self.vars[row.root].blocked += 1;
            let (z, value) = self.in_closure(|cx| {
                let z = cx.fresh("z");
                (z, cx.float(2))
            });
            self.vars[row.root].blocked -= 1;
            let op = *self.random.pick(&["*=", "+=", "-="]);
            self.note("for_each");
            return Some(format!("{}.iter_mut().for_each(|{z}| *{z} {op} {value}.sin());", row.text));
        }
        let target = self.mutable_place(&Ty::F64)?;
        if target.whole.is_none() {
            return None;
        }
        self.vars[target.root].blocked += 1;
        let found = self.chain(1).map(|chain| {
            let (pattern, value) = self.in_closure(|cx| (cx.pattern(&chain.item), cx.float(2)));
            format!("{}.for_each(|{pattern}| {} += {value});", chain.text, target.target())
        });
        self.vars[target.root].blocked -= 1;
        self.note("for_each");
        found
    }

    fn conditional_compilation(&mut self) -> Option<String> {
        if self.configured >= 3 {
            return None;
        }
        self.configured += 1;
        let place = self.mutable_place(&Ty::F64)?;
        let value = self.float(2);
        self.note("#[cfg] in a function");
        let condition = *self.random.pick(&["unix", "not(unix)", "debug_assertions"]);
        Some(format!("#[cfg({condition})] {{ {} += {value}; }}", place.target()))
    }
}

fn inner_lens(place: &Place) -> Vec<usize> {
    match &place.ty {
        Ty::Array(..) => place.lens.clone(),
        _ => place.lens.get(1..).unwrap_or(&[]).to_vec(),
    }
}

fn keyword_key(keyword: &str) -> &'static str {
    if keyword == "break" { "break" } else { "continue" }
}
