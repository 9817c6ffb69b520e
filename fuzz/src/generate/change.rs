//! What changes something: assignments, growth, swaps, mutable references and parts, in-place iteration.

use super::Generator;
use super::chain::length;
use super::expression::shorter;
use super::scope::Place;
use crate::types::{By, Ty};

impl Generator {
    pub(super) fn compound_assignment(&mut self) -> Option<String> {
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

    pub(super) fn assignment(&mut self) -> Option<String> {
        let place =
            self.place_where(|p| p.mutable && p.ty.holds_floats() && !matches!(p.ty, Ty::Slice(_)))?;
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
    pub(super) fn replace_rows(&mut self, place: &Place) -> Option<String> {
        let root = place.root;
        if self.vars[root].keeps_length {
            return None;
        }
        let here = self.vars[root].depth == self.depth && self.vars[root].loops == self.loops;
        self.vars[root].blocked += 1;
        let (value, lens) = self.value(&place.ty, 1);
        self.vars[root].blocked -= 1;
        let before = place.lens.clone();
        let as_long = lens.len() == before.len() && lens.iter().zip(&before).all(|(new, old)| new >= old);
        if !here && !as_long {
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

    pub(super) fn row_replaced(&mut self) -> Option<String> {
        let place = self.place_where(|p| p.mutable && p.whole.is_none() && matches!(p.ty, Ty::Vec(_)))?;
        self.replace_rows(&place)
    }

    pub(super) fn growth(&mut self) -> Option<String> {
        let place = self.place_where(|p| p.mutable && matches!(p.ty, Ty::Vec(_)))?;
        let root = place.root;
        let Ty::Vec(of) = place.ty.clone() else { return None };
        let here = place.whole.is_some()
            && self.vars[root].depth == self.depth
            && self.vars[root].loops == self.loops;
        self.vars[root].blocked += 1;
        let text = match self.random.below(6) {
            0 | 1 => {
                let slice = Ty::slice((*of).clone());
                let from = self.place_where(|p| {
                    (p.ty == slice || p.ty == place.ty || matches!(&p.ty, Ty::Array(e, _) if *e == of))
                        && of.is_copy()
                });
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

    /// Two places that change places, as wholes.
    fn exchange(&mut self) -> Option<String> {
        let a = self.place_where(|p| p.mutable && p.ty.holds_floats() && !matches!(p.ty, Ty::Slice(_)))?;
        let copied = a.ty.is_copy();
        let b = self.place_where(|p| {
            p.mutable && p.ty == a.ty && p.lens == a.lens && p.text != a.text && (copied || p.root != a.root)
        })?;
        let (left, right) = (a.target(), b.target());
        if !copied {
            let exact = self.vars[a.root].exact && self.vars[b.root].exact;
            if !exact || [&a, &b].iter().any(|p| p.whole.is_none() || self.vars[p.root].keeps_length) {
                return None;
            }
            let by_value = [&a, &b].iter().all(|p| p.whole == Some(By::Value));
            if by_value && self.random.percent(50) {
                self.note("(a, b) = (b, a)");
                return Some(format!("({left}, {right}) = ({right}, {left});"));
            }
        }
        if a.root != b.root && (!copied || self.random.percent(40)) {
            self.note("mem::swap");
            return Some(format!("std::mem::swap({}, {});", a.mutable_reference(), b.mutable_reference()));
        }
        if self.random.percent(30) {
            self.vars[a.root].blocked += 1;
            let value = self.known(|cx| cx.value(&a.ty, 2)).0;
            self.vars[a.root].blocked -= 1;
            let name = self.fresh("old");
            self.declare(&name, a.ty.clone(), By::Value, false, a.lens.clone());
            self.note("mem::replace");
            return Some(format!("let {name} = std::mem::replace({}, {value});", a.mutable_reference()));
        }
        self.note("(a, b) = (b, a)");
        Some(match self.random.below(3) {
            0 => format!("[{left}, {right}] = [{right}, {left}];"),
            1 => format!("({left}, {right}) = ({right}, {left});"),
            _ => {
                let value = self.known(|cx| cx.value(&a.ty, 2)).0;
                format!("({left}, {right}) = ({value}, {left});")
            }
        })
    }

    pub(super) fn swap(&mut self) -> Option<String> {
        if self.random.percent(30) {
            return self.exchange();
        }
        match self.random.below(6) {
            0 => {
                let row = self
                    .place_where(|p| p.mutable && length(&p.ty, &p.lens) >= 2 && p.ty.element().is_some())?;
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
                let row = self.place_where(|p| {
                    p.mutable && p.ty.element() == Some(&Ty::F64) && length(&p.ty, &p.lens) >= 1
                })?;
                self.vars[row.root].blocked += 1;
                let from =
                    self.place_where(|p| p.ty.element() == Some(&Ty::F64) && length(&p.ty, &p.lens) >= 1);
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

    pub(super) fn chunks_mut(&mut self) -> Option<String> {
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
    pub(super) fn mutable_reference(&mut self) -> Option<String> {
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

    pub(super) fn split(&mut self) -> Option<String> {
        let (a, b) = (self.fresh("lo"), self.fresh("hi"));
        if self.random.percent(50) {
            let row =
                self.place_where(|p| p.ty.element().is_some_and(Ty::is_copy) && length(&p.ty, &p.lens) >= 2)?;
            let (of, len) = (row.ty.element()?.clone(), length(&row.ty, &row.lens));
            let k = self.random.between(1, len - 1);
            for (name, len) in [(&a, k), (&b, len - k)] {
                let at = self.declare(name, Ty::slice(of.clone()), By::Ref, false, vec![len]);
                self.borrow(at, row.root, false);
            }
            self.note("split_at");
            return Some(format!("let ({a}, {b}) = {}.split_at({k});", row.text));
        }
        let row = self.place_where(|p| {
            p.mutable && p.ty.element().is_some_and(Ty::is_copy) && length(&p.ty, &p.lens) >= 2
        })?;
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

    pub(super) fn for_each(&mut self) -> Option<String> {
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
        target.whole?;
        self.vars[target.root].blocked += 1;
        let found = self.chain(1).map(|chain| {
            let (pattern, value) = self.in_closure(|cx| (cx.pattern(&chain.item), cx.float(2)));
            format!("{}.for_each(|{pattern}| {} += {value});", chain.text, target.target())
        });
        self.vars[target.root].blocked -= 1;
        self.note("for_each");
        found
    }
}
