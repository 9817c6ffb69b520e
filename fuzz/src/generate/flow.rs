//! Branches, loops and the ways out of them.

use super::Generator;
use super::chain::Item;
use super::scope::Place;
use crate::types::{By, Ty};

impl Generator {
    pub(super) fn branch(&mut self) -> String {
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
                format!(
                    "match ({condition}, {n}) {{ (true, 0) => {{ {a} }} (_, i) if i > 1 || ({guard}) => {{ {b} }} _ => {{}} }}"
                )
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

    pub(super) fn for_loop(&mut self) -> Option<String> {
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
                let row =
                    self.place_where(|p| p.mutable && p.ty.element().is_some() && p.whole != Some(By::Ref))?;
                let (of, lens) = (row.ty.element()?.clone(), inner_lens(&row));
                self.note("for over mutable elements");
                let other = if self.random.percent(50) {
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
                let types =
                    [Ty::vec(Ty::F64), Ty::vec(Ty::pair(Ty::F64, Ty::F64)), Ty::vec(Ty::vec(Ty::F64))];
                let first = self.random.below(3);
                let row = (0..3).find_map(|k| self.movable(&types[(first + k) % 3]))?;
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
    pub(super) fn freeze_named(&mut self, text: &str) -> Vec<usize> {
        let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
        (0..self.vars.len())
            .filter(|at| self.visible(*at) && words.contains(&self.vars[*at].name.as_str()))
            .collect()
    }

    /// Freezes variables until what was declared since `vars` is left.
    pub(super) fn hold(&mut self, roots: Vec<usize>, vars: usize) {
        let holder = self.holder(vars);
        for root in roots {
            self.borrow(holder, root, false);
        }
    }

    pub(super) fn block_for(&mut self, root: usize, vars: usize) {
        let holder = self.holder(vars);
        self.borrow(holder, root, true);
    }

    /// A variable that nobody can name, to hold borrows.
    pub(super) fn holder(&mut self, vars: usize) -> usize {
        if self.vars.len() > vars {
            return self.vars.len() - 1;
        }
        self.declare("_", Ty::Unit, By::Value, false, vec![])
    }

    pub(super) fn loop_body(&mut self, label: Option<&str>) -> String {
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

    pub(super) fn jump(&mut self) -> String {
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
    pub(super) fn while_loop(&mut self) -> String {
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
                format!(
                    "let mut {counter} = 0; loop {{ if {counter} >= 2 || ({condition}) {{ break; }} {body} }}"
                )
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

    pub(super) fn loop_body_counted(&mut self, counter: &str) -> String {
        // First of all, so that `continue` does not miss it; an index is then one more.
        let body = self.loop_body(None);
        format!("{counter} += 1; {body}")
    }

    pub(super) fn early_exit(&mut self) -> Option<String> {
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

    /// A way out in the middle of an expression.
    pub(super) fn exit_in_an_operand(&mut self) -> Option<String> {
        let (a, b, condition) = (self.leaf(false), self.leaf(false), self.condition());
        let name = self.fresh("x");
        let text = if self.jumps && self.closures == 0 && self.random.percent(50) {
            let result = self.result_value();
            format!("let {name} = {a} * {{ if {condition} {{ return {result}; }} {b} }};")
        } else {
            let step = self.fresh("k");
            format!(
                "let mut {step} = 0.5_f64; let {name} = [{a}, loop {{ if {step} > 2.0 {{ break {b}; }} {step} += 0.75 + {a} * {a}; }}][1];"
            )
        };
        self.declare(&name, Ty::F64, By::Value, false, vec![]);
        self.note("exit in an operand");
        Some(text)
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
