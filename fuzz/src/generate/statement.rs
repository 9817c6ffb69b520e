//! Which statement comes next, and the small ones of the page of supported Rust.

use super::Generator;
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

    pub(super) fn statement(&mut self) -> String {
        if self.budget <= 0 {
            return self.compound_assignment().unwrap_or_default();
        }
        self.budget -= 3;
        if self.rearranges && self.random.percent(25) {
            return self.rearranged();
        }
        if !self.operators.is_empty()
            && self.random.percent(14)
            && let Some(text) = self.operated_in_place()
        {
            return text;
        }
        for _ in 0..4 {
            let nests = self.depth < 4;
            let found = match self.random.weighted(&[
                12,
                14,
                6,
                13,
                9,
                10,
                11,
                5,
                3,
                5,
                if nests { 12 } else { 0 },
                if nests { 18 } else { 0 },
                if nests { 4 } else { 0 },
                14,
                5,
                3,
                4,
                2,
                5,
                3,
                if nests { 2 } else { 0 },
                5,
                2,
                6,
                2,
                2,
                9,
                3,
                4,
                4,
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
                26 => self.row_replaced(),
                27 => self.exit_in_an_operand(),
                28 => self.option_or_sort(),
                _ => self.order_or_search(),
            };
            if let Some(found) = found {
                return found;
            }
        }
        self.let_float()
    }

    pub(super) fn call_statement(&mut self) -> Option<String> {
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

    pub(super) fn macro_statement(&mut self) -> String {
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

    pub(super) fn item(&mut self) -> String {
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

    pub(super) fn conditional_compilation(&mut self) -> Option<String> {
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
