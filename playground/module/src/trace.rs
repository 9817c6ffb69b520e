//! A run of both sweeps, step by step, and the same as a graph: values flow down, cotangents flow up.

use crate::file::File;
use crate::graph;
use crate::mirror::Wholes;
use crate::place::Range;
use crate::run::{derivative, program, start};
use crate::{json, value};
use grad_compiler::expand::Passes;
use grad_compiler::interp::{Datum, Event, watch};
use grad_compiler::ir::print::{names, print_block};
use grad_compiler::ir::{Block, Func, Op, Operand, Stmt, Var};
use std::collections::{BTreeMap, BTreeSet};

/// So many passes of a loop are shown, and so many steps.
const PASSES: usize = 6;
const STEPS: usize = 400;

/// The run, its graph a picture that `stands` alone or is part of a page.
pub(crate) fn trace(text: &str, name: &str, args: &str, stands: bool) -> String {
    let failed = |why: &str| json::object([("failed", json::string(why))]);
    let Ok(read) = File::read(text, name) else { return failed("the function has an error") };
    let Ok((_, _, passes)) = read.function().derived(false) else {
        return failed("the function has an error");
    };
    let args = match value::arguments(args, &passes.primal, &read) {
        Ok(args) => args,
        Err(why) => return failed(&why),
    };
    let program = program(&read);
    let wholes = Wholes::new(&read.function().item, &read.source);
    let mut story = Story::new(&passes, &wholes);
    for (param, arg) in passes.primal.params.iter().zip(&args) {
        story.parameter(param.var, param.wrt, arg);
    }
    let (seed, buffers) = match start(&program, &passes, &args) {
        Ok(start) => start,
        // What it is may be known in the end: where the result is a number, its cotangent is 1.
        Err(grad_compiler::interp::Stop::Unknown(_)) => {
            (Datum::Float(1.0), args.iter().map(Datum::zeros).collect())
        }
        Err(why) => return failed(&why.to_string()),
    };
    let joint = derivative(&passes.joint);
    let outcome = watch(&program, &joint, args, &seed, buffers, &mut |event| story.tell(event, &seed));
    let (result, cotangents, stopped) = match outcome {
        Ok((result, _, cotangents)) => {
            story.end(&cotangents);
            (value::text(&result), cotangents.iter().map(value::text).collect(), String::new())
        }
        Err(why) => (String::new(), Vec::new(), why.to_string()),
    };
    let graph = story.graph(stands);
    json::object([
        ("result", json::string(&result)),
        ("gradient", json::list(cotangents.iter().map(|text: &String| json::string(text)))),
        ("stopped", json::string(&stopped)),
        ("steps", json::list(story.steps)),
        ("nodes", json::list(story.nodes.iter().map(Node::json))),
        ("graph", json::string(&graph)),
    ])
}

/// A value of the run.
struct Node {
    var: Var,
    name: String,
    formula: String,
    value: String,
    /// How the result changes with it, once that is known, and the terms of that sum.
    bar: Option<String>,
    terms: Vec<String>,
    from: BTreeSet<usize>,
    at: Option<Range>,
}

impl Node {
    fn shown(&self) -> graph::Shown<'_> {
        graph::Shown {
            name: &self.name,
            formula: &self.formula,
            value: &self.value,
            bar: self.bar.as_deref(),
            terms: &self.terms,
            from: &self.from,
        }
    }

    fn json(&self) -> String {
        json::object([
            ("name", json::string(&self.name)),
            ("formula", json::string(&self.formula)),
            ("value", json::string(&self.value)),
            ("bar", self.bar.as_ref().map_or("null".to_owned(), |bar| json::string(bar))),
            ("terms", json::list(self.terms.iter().map(|term| json::string(term)))),
            ("from", json::list(self.from.iter().map(ToString::to_string))),
            ("at", self.at.map_or("null".to_owned(), Range::json)),
        ])
    }
}

struct Story<'a> {
    passes: &'a Passes,
    func: &'a Func,
    names: Vec<String>,
    wholes: &'a Wholes<'a>,
    steps: Vec<String>,
    nodes: Vec<Node>,
    /// The node that a variable stands for at the moment.
    now: BTreeMap<Var, usize>,
    /// Terms of cotangents that are not complete yet.
    pending: BTreeMap<Var, Vec<String>>,
    /// Values whose cotangents are complete since the last step.
    fresh: Vec<usize>,
    is_reverse: bool,
    /// A loop whose passes are not shown any more, its statements, and how many passes that were.
    folded: Option<(BTreeSet<usize>, usize, usize)>,
    is_long: bool,
}

/// Which statement it is.
fn identity(stmt: &Stmt) -> usize {
    std::ptr::from_ref(stmt) as usize
}

fn within(stmt: &Stmt, all: &mut BTreeSet<usize>) {
    all.insert(identity(stmt));
    stmt.for_each_block(&mut |block| block.stmts.iter().for_each(|stmt| within(stmt, all)));
}

impl<'a> Story<'a> {
    fn new(passes: &'a Passes, wholes: &'a Wholes<'a>) -> Story<'a> {
        let func = &passes.joint.func;
        Story {
            passes,
            func,
            // What the compiler calls `self`, as the code is shown.
            names: names(func).iter().map(|name| name.replace("__self", "this")).collect(),
            wholes,
            steps: Vec::new(),
            nodes: Vec::new(),
            now: BTreeMap::new(),
            pending: BTreeMap::new(),
            fresh: Vec::new(),
            is_reverse: false,
            folded: None,
            is_long: false,
        }
    }

    fn parameter(&mut self, var: Var, wrt: bool, arg: &Datum) {
        let kind = if wrt { "parameter" } else { "constant" };
        self.node(var, kind.to_owned(), arg, BTreeSet::new());
        let step = self.step("start", Some(var), kind.to_owned(), &value::text(arg));
        self.steps.push(step);
    }

    fn is_primal(&self, var: Var) -> bool {
        var.index() < self.passes.primal.vars.len()
    }

    fn place(&self, var: Var) -> Option<Range> {
        self.wholes.at(self.func.vars[var.index()].span)
    }

    fn node(&mut self, var: Var, formula: String, value: &Datum, from: BTreeSet<usize>) {
        let (name, at) = (self.names[var.index()].clone(), self.place(var));
        self.now.insert(var, self.nodes.len());
        self.nodes.push(Node {
            var,
            name,
            formula,
            value: value::text(value),
            bar: None,
            terms: Vec::new(),
            from,
            at,
        });
    }

    fn step(&mut self, kind: &str, var: Option<Var>, text: String, value: &str) -> String {
        let bars = std::mem::take(&mut self.fresh);
        json::object([
            ("kind", json::string(kind)),
            ("name", json::string(var.map_or("", |var| &self.names[var.index()]))),
            ("text", json::string(&text)),
            ("value", json::string(value)),
            ("at", var.and_then(|var| self.place(var)).map_or("null".to_owned(), Range::json)),
            ("node", var.and_then(|var| self.now.get(&var)).map_or("null".to_owned(), ToString::to_string)),
            ("bars", json::list(bars.iter().map(ToString::to_string))),
        ])
    }

    fn push(&mut self, kind: &str, var: Option<Var>, text: String, value: &str) {
        if self.steps.len() < STEPS {
            let step = self.step(kind, var, text, value);
            self.steps.push(step);
        } else if !self.is_long {
            self.is_long = true;
            let step = self.step("folded", None, "and so on: the run is longer than is shown".to_owned(), "");
            self.steps.push(step);
        }
    }

    fn tell(&mut self, event: Event, seed: &Datum) {
        if self.folds(&event) {
            return;
        }
        match event {
            Event::Set { stmt, var, value } => {
                let text = match stmt {
                    Stmt::Let { op, .. } => self.formula(op),
                    _ => self.printed(stmt),
                };
                self.set(stmt, var, value, text);
            }
            Event::Changed { stmt, var, value } => self.set(stmt, var, value, self.printed(stmt)),
            Event::Joined { var, from, value } => self.joined(var, from, value),
            Event::Pass { number, stmt } => {
                let subject = match stmt {
                    Stmt::For(repeat) => {
                        format!("pass {} of the loop over {}", number + 1, self.names[repeat.index.index()])
                    }
                    _ => format!("pass {} of the loop", number + 1),
                };
                self.push("pass", None, subject, "");
            }
            Event::Skipped { stmt, why } => {
                let mut defined = None;
                stmt.for_each_define(&mut |var| defined = defined.or(Some(var)));
                self.push("skipped", defined, format!("stepped over: {why}"), "?");
            }
            Event::Reverse => {
                self.is_reverse = true;
                self.push(
                    "turn",
                    None,
                    "now backwards: how the result changes with each value".to_owned(),
                    "",
                );
                if let Some(grad_compiler::ir::Value::Scalar(Operand::Var(var))) = &self.passes.joint.seed {
                    self.cotangent(*var, seed);
                    self.push("reverse", Some(*var), "the result, by itself".to_owned(), &value::text(seed));
                }
            }
        }
    }

    /// Whether the event is in a loop that is not shown any more.
    fn folds(&mut self, event: &Event) -> bool {
        let stmt = match event {
            Event::Set { stmt, .. }
            | Event::Changed { stmt, .. }
            | Event::Skipped { stmt, .. }
            | Event::Pass { stmt, .. } => Some(*stmt),
            // It goes on where it was.
            Event::Joined { .. } => return self.folded.is_some() && self.join_folded(event),
            Event::Reverse => None,
        };
        if let Some((all, owner, passes)) = &mut self.folded {
            if let Some(stmt) = stmt
                && all.contains(&identity(stmt))
            {
                if identity(stmt) == *owner && matches!(event, Event::Pass { .. }) {
                    *passes += 1;
                }
                return true;
            }
            let text = format!("{passes} more passes, like those before");
            self.folded = None;
            self.push("folded", None, text, "");
        }
        if let Event::Pass { stmt, number } = event
            && *number >= PASSES
        {
            let mut all = BTreeSet::new();
            within(stmt, &mut all);
            self.folded = Some((all, identity(stmt), 1));
            return true;
        }
        false
    }

    /// Values that leave a folded loop have their last value.
    fn join_folded(&mut self, event: &Event) -> bool {
        if let Event::Joined { var, value, .. } = event
            && let Some(&node) = self.now.get(var)
            && self.is_primal(*var)
        {
            self.nodes[node].value = value::text(value);
        }
        false
    }

    fn set(&mut self, stmt: &Stmt, var: Var, value: &Datum, text: String) {
        if self.is_primal(var) && !self.is_reverse {
            let mut from = BTreeSet::new();
            stmt.for_each_own_read(&mut |read| from.extend(self.now.get(&read).copied()));
            self.node(var, text.clone(), value, from);
            self.push("forward", Some(var), text, &value::text(value));
        } else {
            self.cotangent(var, value);
            self.push("reverse", Some(var), text, &value::text(value));
        }
    }

    fn joined(&mut self, var: Var, from: Option<Var>, value: &Datum) {
        if !self.is_primal(var) || self.is_reverse {
            return self.cotangent(var, value);
        }
        match from.and_then(|from| self.now.get(&from).copied()) {
            Some(node) => drop(self.now.insert(var, node)),
            None => self.node(var, "constant".to_owned(), value, BTreeSet::new()),
        }
    }

    /// A variable of the derivative is set: it may be a term of a cotangent, and it may be one.
    fn cotangent(&mut self, var: Var, value: &Datum) {
        let is_it = |operand: &Operand| matches!(operand, Operand::Var(other) if *other == var);
        let trace = &self.passes.joint.trace;
        for term in trace.terms.iter().filter(|term| is_it(&term.term)) {
            self.pending.entry(term.of).or_default().push(value::text(value));
        }
        for (of, _) in trace.complete.iter().chain(&trace.ahead).filter(|(_, operand)| is_it(operand)) {
            let terms = self.pending.remove(of).unwrap_or_default();
            let waiting = self.nodes.iter().rposition(|node| node.var == *of && node.bar.is_none());
            if let Some(k) = waiting {
                self.nodes[k].bar = Some(value::text(value));
                self.nodes[k].terms = terms;
                self.fresh.push(k);
            }
        }
    }

    fn graph(&self, stands: bool) -> String {
        graph::draw(&self.nodes.iter().map(Node::shown).collect::<Vec<_>>(), stands)
    }

    /// The cotangents of the parameters are the gradient.
    fn end(&mut self, cotangents: &[Datum]) {
        for (k, (param, bar)) in self.passes.primal.params.iter().zip(cotangents).enumerate() {
            if param.wrt
                && let Some(node) = self.nodes.get_mut(k)
            {
                node.bar = Some(value::text(bar));
                if let Some(terms) = self.pending.remove(&param.var) {
                    node.terms = terms;
                }
            }
        }
        if self.folded.take().is_some() {
            self.push("folded", None, "more passes, like those before".to_owned(), "");
        }
    }

    fn operand(&self, operand: &Operand) -> String {
        match operand {
            Operand::Var(var) => self.names[var.index()].clone(),
            Operand::Lit(lit) => lit.text.clone(),
        }
    }

    fn formula(&self, op: &Op) -> String {
        match op {
            Op::Prim(prim, args) => {
                let args: Vec<String> = args.iter().map(|arg| self.operand(arg)).collect();
                match (prim.0, &args[..]) {
                    ("add", [x, y]) => format!("{x} + {y}"),
                    ("sub", [x, y]) => format!("{x} − {y}"),
                    ("mul", [x, y]) => format!("{x} · {y}"),
                    ("div", [x, y]) => format!("{x} / {y}"),
                    ("neg", [x]) => format!("−{x}"),
                    (name, args) => format!("{name}({})", args.join(", ")),
                }
            }
            Op::Copy(operand) | Op::Cast(operand, _) => self.operand(operand),
            Op::Load(_) | Op::Len(_) | Op::Code(_) | Op::Pop(_) => {
                let stmt = Stmt::Let { var: Var(0), op: op.clone() };
                let text = self.printed(&stmt);
                let value = text.split_once(" = ").map_or(&*text, |(_, value)| value);
                // What stays the user's tokens is theirs.
                value.trim_matches('`').to_owned()
            }
        }
    }

    fn printed(&self, stmt: &Stmt) -> String {
        let text = print_block(self.func, &Block { stmts: vec![stmt.clone()] });
        let line = text.lines().next().unwrap_or_default();
        line.strip_prefix("let ").unwrap_or(line).to_owned()
    }
}
