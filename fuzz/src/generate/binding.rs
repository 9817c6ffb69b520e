//! What is bound by `let`: numbers, aggregates, patterns, `Vec`s that are filled, references, closures, results of chains.

use super::Generator;
use super::chain::length;
use crate::types::{By, Ty};

impl Generator {
    pub(super) fn let_float(&mut self) -> String {
        let single = self.singles && self.random.percent(25);
        let ty = if single { Ty::F32 } else { Ty::F64 };
        let form = self.random.below(6);
        let value = if form < 3 {
            self.known(|cx| cx.number(single, 3))
        } else {
            self.unknown(|cx| cx.number(single, 3))
        };
        let shadowed =
            self.place(&ty).filter(|p| p.whole == Some(By::Value) && !p.text.starts_with(char::is_uppercase));
        let name = match shadowed {
            Some(place) if form != 4 && self.random.percent(20) => {
                self.note("shadowing");
                place.text
            }
            _ => self.fresh("x"),
        };
        self.declare(&name, ty.clone(), By::Value, matches!(form, 1..=3), vec![]);
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
        if self.structs && self.random.percent(45) {
            return self.struct_type();
        }
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

    pub(super) fn let_aggregate(&mut self) -> String {
        let ty = self.aggregate();
        // What an operator of one's own gives is not seen.
        let annotated = ty.holds_struct() && !self.operators.is_empty() || self.random.percent(35);
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

    pub(super) fn let_pattern(&mut self) -> Option<String> {
        if self.structs && self.random.percent(40) {
            return self.struct_pattern();
        }
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
                Some(format!(
                    "let Some({name}) = usize::min({n}, 5).checked_sub(1) else {{ return {result}; }};"
                ))
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

    /// `Vec::new()`, and what is pushed to it.
    pub(super) fn vec_from_nothing(&mut self) -> String {
        let of =
            self.random.pick(&[Ty::F64, Ty::F64, Ty::array(Ty::F64, 2), Ty::pair(Ty::F64, Ty::F64)]).clone();
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
                let found: Vec<super::call::Function> =
                    self.functions.iter().filter(|f| filling(f)).cloned().collect();
                if found.is_empty() {
                    let (value, _) = self.value(&of, 2);
                    text += &format!("{name}.push({value});");
                    least = 1;
                } else {
                    let function = self.random.pick(&found).clone();
                    // The only one of its type that may be changed.
                    let hidden: Vec<usize> = (0..self.vars.len())
                        .filter(|at| self.vars[*at].ty == vec && self.vars[*at].mutable)
                        .collect();
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
    pub(super) fn kept_chain(&mut self) -> Option<String> {
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

    pub(super) fn reference(&mut self) -> Option<String> {
        let place = self.place_where(|p| p.ty.holds_floats() && !matches!(p.ty, Ty::Slice(_)))?;
        let name = self.fresh("r");
        let at = self.declare(&name, place.ty.clone(), By::Ref, false, place.lens.clone());
        self.borrow(at, place.root, false);
        self.note("let r = &");
        Some(format!("let {name} = {};", place.reference()))
    }

    pub(super) fn let_closure(&mut self) -> Option<String> {
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
        if by == By::Ref
            && self.random.percent(40)
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
    pub(super) fn changing_closure(&mut self) -> String {
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

    pub(super) fn let_collected(&mut self) -> Option<String> {
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

    /// An order of indices, or a place found in constants.
    pub(super) fn order_or_search(&mut self) -> Option<String> {
        if self.random.percent(40) {
            let (knots, at, x) = (self.fresh("knots"), self.fresh("j"), self.leaf(false));
            self.note("searches in constants");
            let text =
                format!("let {knots} = [0.25, 0.75]; let {at} = {knots}.partition_point(|z| *z <= {x});");
            self.declare_index(&at, 2);
            return Some(text);
        }
        let row = self.place_where(|p| {
            p.ty.element() == Some(&Ty::F64)
                && matches!(p.whole, Some(By::Value | By::Ref))
                && length(&p.ty, &p.lens) >= 2
        })?;
        let (order, name, first) = (self.fresh("order"), self.fresh("x"), self.random.below(2));
        let v = &row.text;
        self.note("an order of indices");
        let text = format!(
            "let mut {order}: Vec<usize> = (0..{v}.len()).collect(); {order}.sort_by(|&i, &j| {v}[i].total_cmp(&{v}[j])); \
             let {name} = {v}[{order}[{first}]];"
        );
        self.declare(&name, Ty::F64, By::Value, false, vec![]);
        Some(text)
    }

    /// An `Option` that is made, may change, and is taken apart; or elements in order.
    pub(super) fn option_or_sort(&mut self) -> Option<String> {
        if self.random.percent(60) {
            return Some(self.option());
        }
        let row = self.place_where(|p| {
            p.ty.element() == Some(&Ty::F64)
                && matches!(p.whole, Some(By::Value | By::Ref))
                && length(&p.ty, &p.lens) >= 2
        })?;
        let (name, v, len) = (self.fresh("u"), &row.text, length(&row.ty, &row.lens));
        let compare = if self.random.percent(50) { "p.total_cmp(q)" } else { "q.total_cmp(p)" };
        let text = format!("let mut {name} = {v}.to_vec(); {name}.sort_by(|p, q| {compare});");
        self.note("sort_by");
        self.declare(&name, Ty::vec(Ty::F64), By::Value, true, vec![len]);
        Some(text)
    }

    fn option(&mut self) -> String {
        let (option, name, item) = (self.fresh("o"), self.fresh("x"), self.fresh("p"));
        let (condition, some, other) = (self.condition(), self.float(2), self.float(1));
        let made = if self.random.percent(30) {
            self.note("then");
            format!("({condition}).then(|| {some})")
        } else {
            format!("if {condition} {{ Some({some}) }} else {{ None }}")
        };
        let made = if self.random.percent(40) {
            let (condition, some) = (self.condition(), self.float(2));
            format!("let mut {option}: Option<f64> = {made}; if {condition} {{ {option} = Some({some}); }}")
        } else {
            format!("let {option}: Option<f64> = {made};")
        };
        let taken = match self.random.below(5) {
            0 => format!("{option}.unwrap_or({other})"),
            1 => format!("{option}.map_or({other}, |{item}| {item} * {item})"),
            2 => format!(
                "{option}.map(|{item}| {item}.sin()).filter(|{item}| *{item} > 0.25).unwrap_or({other})"
            ),
            3 => format!(
                "match {option} {{ Some({item}) if {item} > 0.5 => {item} * {item}, Some({item}) => {item}, None => {other} }}"
            ),
            _ => format!("if let Some({item}) = {option} {{ {item}.cos() }} else {{ {other} }}"),
        };
        self.note("Option of a number");
        self.declare(&name, Ty::F64, By::Value, false, vec![]);
        format!("{made} let {name}: f64 = {taken};")
    }
}
