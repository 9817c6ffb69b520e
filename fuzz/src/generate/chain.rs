//! Iterator chains: sources, adaptors, consumers, and the patterns that closures and loops take their items apart with.

use super::Generator;
use super::expression::shorter;
use crate::types::{By, Struct, Ty};

/// What an iterator gives.
#[derive(Clone, Debug)]
pub(super) enum Item {
    Value(Ty),
    Ref(Ty, Vec<usize>),
    Mut(Ty, Vec<usize>),
    /// An integer, at most so large.
    Index(Option<usize>),
    Pair(Box<Item>, Box<Item>),
}

impl Item {
    fn is_copy(&self) -> bool {
        match self {
            Item::Value(ty) => ty.is_copy(),
            Item::Ref(..) | Item::Index(_) => true,
            Item::Mut(..) => false,
            Item::Pair(a, b) => a.is_copy() && b.is_copy(),
        }
    }
}

#[derive(Clone, Debug)]
pub(super) struct Chain {
    pub(super) text: String,
    pub(super) item: Item,
    /// So many items there are at least, and at most.
    pub(super) least: usize,
    pub(super) most: Option<usize>,
    /// `rev` can be called.
    pub(super) both_ends: bool,
}

impl Generator {
    /// A pattern for an item, whose names are declared.
    pub(super) fn pattern(&mut self, item: &Item) -> String {
        match item {
            Item::Index(bound) => {
                let name = self.fresh("i");
                let at = self.declare(&name, Ty::Usize, By::Value, false, vec![]);
                self.vars[at].bound = *bound;
                name
            }
            Item::Pair(a, b) => format!("({}, {})", self.pattern(a), self.pattern(b)),
            Item::Value(ty) => self.pattern_of(ty, By::Value, &[]),
            Item::Ref(ty, lens) => {
                if ty.is_copy() && self.random.percent(35) {
                    self.note("patterns of references");
                    return format!("&{}", self.pattern_of(ty, By::Value, &[]));
                }
                self.pattern_of(ty, By::Ref, lens)
            }
            Item::Mut(ty, lens) => self.pattern_of(ty, By::Mut, lens),
        }
    }

    fn pattern_of(&mut self, ty: &Ty, by: By, lens: &[usize]) -> String {
        if self.random.percent(40) {
            match ty {
                Ty::Tuple(parts) => {
                    let parts: Vec<String> =
                        parts.iter().map(|part| self.bound_part(part, by, lens)).collect();
                    return format!("({})", parts.join(", "));
                }
                Ty::Array(of, len) => {
                    let parts: Vec<String> = (0..*len).map(|_| self.bound_part(of, by, lens)).collect();
                    return format!("[{}]", parts.join(", "));
                }
                Ty::Struct(Struct::Body) => {
                    let fields = Struct::Body.fields();
                    let parts: Vec<String> = fields
                        .iter()
                        .map(|(name, ty)| format!("{name}: {}", self.bound_part(ty, by, lens)))
                        .collect();
                    self.note("pattern of a struct");
                    return format!("Body {{ {} }}", parts.join(", "));
                }
                _ => {}
            }
        }
        self.bound_part(ty, by, lens)
    }

    fn bound_part(&mut self, ty: &Ty, by: By, lens: &[usize]) -> String {
        let name = self.fresh(if *ty == Ty::F64 { "z" } else { "p" });
        let at = self.declare(&name, ty.clone(), by, by == By::Mut, lens.to_vec());
        // Rows that somebody iterates over are as long as those beside them.
        self.vars[at].keeps_length = true;
        name
    }

    /// What happens in a closure that an iterator calls: nothing outside is moved or changed.
    pub(super) fn in_closure<T>(&mut self, body: impl FnOnce(&mut Generator) -> T) -> T {
        let (vars, unchanging) = (self.vars.len(), self.unchanging);
        self.depth += 1;
        self.loops += 1;
        self.closures += 1;
        self.unchanging = vars;
        let result = self.unknown(body);
        self.unchanging = unchanging;
        self.closures -= 1;
        self.loops -= 1;
        self.depth -= 1;
        self.leave(vars);
        result
    }

    pub(super) fn source(&mut self) -> Option<Chain> {
        match self.random.weighted(&[10, 5, 8, 5, 6, 4, 4, 3, 2, 2]) {
            0 => self.iterated(|ty| *ty == Ty::F64),
            1 => {
                let chain = self.iterated(Ty::is_copy)?;
                Some(self.copied(chain))
            }
            2 => self.iterated(|ty| matches!(ty, Ty::Tuple(_) | Ty::Array(..) | Ty::Struct(_))),
            3 => self.iterated(|ty| matches!(ty, Ty::Vec(_) | Ty::Array(..))),
            4 => Some(self.range()),
            5 => {
                let row =
                    self.place_where(|p| p.ty.element() == Some(&Ty::F64) && length(&p.ty, &p.lens) >= 2)?;
                let len = length(&row.ty, &row.lens);
                let (method, least) = *self.random.pick(&[
                    ("windows", len - 1),
                    ("chunks_exact", len / 2),
                    ("chunks", len / 2),
                ]);
                self.note("windows, chunks");
                // The last chunk may be shorter.
                let of = if method == "chunks" { 1 } else { 2 };
                Some(Chain {
                    text: format!("{}.{method}(2)", row.text),
                    item: Item::Ref(Ty::slice(Ty::F64), vec![of]),
                    least,
                    most: None,
                    both_ends: true,
                })
            }
            6 => {
                let a = self.iterated(|ty| *ty == Ty::F64)?;
                let b = self.iterated(|ty| *ty == Ty::F64 || ty.is_copy())?;
                let (least, most) = (a.least.min(b.least), at_most(a.most, b.most));
                let text = if self.random.percent(25) {
                    self.note("iter::zip");
                    format!("std::iter::zip({}, {})", a.text, b.text)
                } else {
                    self.note("zip");
                    format!("{}.zip({})", a.text, b.text)
                };
                Some(Chain {
                    text,
                    item: Item::Pair(Box::new(a.item), Box::new(b.item)),
                    least,
                    most,
                    both_ends: true,
                })
            }
            7 => {
                let row = self.place_where(|p| matches!(&p.ty, Ty::Array(of, _) if of.is_copy()))?;
                let Ty::Array(of, len) = row.ty.clone() else { return None };
                self.note("into_iter");
                Some(Chain {
                    text: format!("{}.into_iter()", row.value()),
                    item: Item::Value((*of).clone()),
                    least: len,
                    most: Some(len),
                    both_ends: true,
                })
            }
            8 => {
                let other = self.iterated(Ty::is_copy)?;
                let from = self.random.below(3);
                self.note("a..");
                Some(Chain {
                    text: format!("({from}..).zip({})", other.text),
                    item: Item::Pair(Box::new(Item::Index(None)), Box::new(other.item)),
                    both_ends: false,
                    ..other
                })
            }
            9 if self.random.percent(50) => {
                let row = self.iterated(|ty| *ty == Ty::F64)?;
                self.note("cycle");
                let len = if row.least > 0 { 4 } else { 0 };
                Some(Chain {
                    text: format!("{}.cycle().take(4)", row.text),
                    least: len,
                    most: Some(4),
                    both_ends: false,
                    ..row
                })
            }
            _ => {
                let x = self.leaf(false);
                let (text, len) = match self.random.below(6) {
                    5 => {
                        self.note("repeat_with, successors");
                        (format!("std::iter::successors(Some({x}), |p| Some(p * 0.5)).take(3)"), 3)
                    }
                    4 => {
                        self.note("repeat_with, successors");
                        (format!("std::iter::repeat_with(|| {x}).take(2)"), 2)
                    }
                    3 => (format!("std::iter::empty::<f64>().chain(std::iter::once({x}))"), 1),
                    0 => (format!("std::iter::repeat_n({x}, 3)"), 3),
                    1 => (format!("std::iter::once({x})"), 1),
                    _ => (format!("std::iter::repeat({x}).take(2)"), 2),
                };
                self.note("repeat, once");
                Some(Chain {
                    text,
                    item: Item::Value(Ty::F64),
                    least: len,
                    most: Some(len),
                    both_ends: false,
                })
            }
        }
    }

    /// `place.iter()`
    fn iterated(&mut self, of: impl Fn(&Ty) -> bool) -> Option<Chain> {
        let row = self.place_where(|p| p.ty.element().is_some_and(&of))?;
        let element = row.ty.element().expect("just asked for").clone();
        let (least, inner) = match &row.ty {
            Ty::Array(_, len) => (*len, row.lens.clone()),
            _ => (row.lens.first().copied().unwrap_or(0), row.lens.get(1..).unwrap_or(&[]).to_vec()),
        };
        let exact = matches!(row.ty, Ty::Array(..)) || row.whole.is_some() && self.vars[row.root].exact;
        self.note("iter");
        Some(Chain {
            text: format!("{}.iter()", row.text),
            item: Item::Ref(element, inner),
            least,
            most: exact.then_some(least),
            both_ends: true,
        })
    }

    pub(super) fn range(&mut self) -> Chain {
        let exact = self.place_where(|p| p.whole.is_some() && matches!(p.ty, Ty::Vec(_) | Ty::Slice(_)));
        if let Some(row) = exact
            && self.vars[row.root].exact
            && self.random.percent(50)
        {
            let len = row.lens[0];
            self.note("a..b");
            return Chain {
                text: format!("(0..{}.len())", row.text),
                item: Item::Index(Some(len.saturating_sub(1))),
                least: len,
                most: Some(len),
                both_ends: true,
            };
        }
        let inclusive = self.random.percent(25);
        let zero_trips = self.random.percent(6);
        let (end, len) = match self.place(&Ty::Usize) {
            Some(place)
                if self.random.percent(40)
                    && self.vars[place.root].bound.is_some()
                    && place.whole.is_some() =>
            {
                let bound = self.vars[place.root].bound.unwrap_or(0);
                (place.value(), bound)
            }
            _ => {
                let end = if zero_trips { 0 } else { self.random.between(1, 3) };
                (end.to_string(), end)
            }
        };
        if inclusive {
            self.note("a..=b");
            Chain {
                text: format!("(0..={end})"),
                item: Item::Index(Some(len)),
                least: 1,
                most: Some(len + 1),
                both_ends: true,
            }
        } else {
            self.note("a..b");
            let literal = end.chars().all(|c| c.is_ascii_digit());
            Chain {
                text: format!("(0..{end})"),
                item: Item::Index(Some(len.saturating_sub(1))),
                least: if literal { len } else { 0 },
                most: Some(len),
                both_ends: true,
            }
        }
    }

    fn copied(&mut self, mut chain: Chain) -> Chain {
        if let Item::Ref(ty, _) = &chain.item
            && ty.is_copy()
        {
            let ty = ty.clone();
            chain.text += if self.random.percent(75) {
                self.note("copied");
                ".copied()"
            } else {
                self.note("cloned");
                ".cloned()"
            };
            chain.item = Item::Value(ty);
        }
        chain
    }

    /// Adds an adaptor.
    fn adapted(&mut self, mut chain: Chain) -> Chain {
        match self.random.weighted(&[14, 5, 4, 3, 3, 4, 4, 4, 3, 3, 3, 4, 2, 2, 2]) {
            0 => {
                let (pattern, value, ty) = self.in_closure(|cx| {
                    let pattern = cx.pattern(&chain.item);
                    let ty = cx
                        .random
                        .pick(&[Ty::F64, Ty::F64, Ty::pair(Ty::F64, Ty::F64), Ty::array(Ty::F64, 2)])
                        .clone();
                    let (value, _) = cx.value(&ty, 2);
                    (pattern, value, ty)
                });
                self.note("map");
                chain.text += &format!(".map(|{pattern}| {value})");
                chain.item = Item::Value(ty);
            }
            1 => chain = self.copied(chain),
            2 => {
                self.note("enumerate");
                chain.text += ".enumerate()";
                let bound = chain.most.map(|most| most.saturating_sub(1));
                chain.item = Item::Pair(Box::new(Item::Index(bound)), Box::new(chain.item));
            }
            3 if chain.both_ends => {
                self.note("rev");
                chain.text += ".rev()";
            }
            4 => match self.random.below(3) {
                0 => {
                    self.note("skip");
                    chain.text += ".skip(1)";
                    chain.least = chain.least.saturating_sub(1);
                }
                1 => {
                    self.note("take");
                    chain.text += ".take(2)";
                    chain.least = chain.least.min(2);
                    chain.most = at_most(chain.most, Some(2));
                }
                _ => {
                    self.note("step_by");
                    chain.text += ".step_by(2)";
                    chain.least = chain.least.div_ceil(2);
                }
            },
            5 => {
                let other = match &chain.item {
                    Item::Ref(ty, _) => {
                        let ty = ty.clone();
                        self.iterated(move |of| *of == ty)
                    }
                    Item::Value(Ty::F64) => {
                        self.iterated(|of| *of == Ty::F64).map(|other| self.copied(other))
                    }
                    Item::Value(ty) => {
                        let ty = ty.clone();
                        self.iterated(move |of| *of == ty).map(|other| self.copied(other))
                    }
                    Item::Mut(..) | Item::Index(_) | Item::Pair(..) => None,
                };
                if let Some(other) = other
                    && let (Item::Value(_), Item::Value(_)) | (Item::Ref(..), Item::Ref(..)) =
                        (&chain.item, &other.item)
                {
                    self.note("chain");
                    chain.text += &format!(".chain({})", other.text);
                    chain.least += other.least;
                    chain.most = chain.most.and_then(|most| Some(most + other.most?));
                    chain.both_ends = false;
                    if let (Item::Ref(_, lens), Item::Ref(_, others)) = (&mut chain.item, &other.item) {
                        *lens = shorter(lens, others);
                    }
                }
            }
            6 if chain.item.is_copy() => {
                let filter = self.in_closure(|cx| {
                    let pattern = cx.pattern(&chain.item);
                    let condition = cx.condition();
                    format!("|&{pattern}| {condition}")
                });
                let (name, key) = *self.random.pick(&[
                    ("filter", "filter"),
                    ("filter", "filter"),
                    ("take_while", "take_while"),
                    ("skip_while", "skip_while"),
                ]);
                self.note(key);
                chain.text += &format!(".{name}({filter})");
                chain.least = 0;
                chain.both_ends = false;
            }
            7 => {
                if let Some(other) = self.iterated(Ty::is_copy) {
                    self.note("zip");
                    chain.text += &format!(".zip({})", other.text);
                    chain.least = chain.least.min(other.least);
                    chain.most = at_most(chain.most, other.most);
                    chain.item = Item::Pair(Box::new(chain.item), Box::new(other.item));
                    chain.both_ends = false;
                }
            }
            8 => {
                let value = self.in_closure(|cx| {
                    let pattern = cx.pattern(&chain.item);
                    let sum = cx.fresh("sum");
                    cx.declare(&sum, Ty::F64, By::Mut, true, vec![]);
                    let value = cx.float(2);
                    format!("|{sum}, {pattern}| {{ *{sum} = 0.5 * *{sum} + {value}; Some(*{sum}) }}")
                });
                let init = self.literal(false);
                self.note("scan");
                chain.text += &format!(".scan({init}, {value})");
                chain.item = Item::Value(Ty::F64);
                chain.both_ends = false;
            }
            9 => {
                let (pattern, condition, value) =
                    self.in_closure(|cx| (cx.pattern(&chain.item), cx.condition(), cx.float(1)));
                let (name, key) =
                    *self.random.pick(&[("filter_map", "filter_map"), ("map_while", "map_while")]);
                self.note(key);
                chain.text +=
                    &format!(".{name}(|{pattern}| if {condition} {{ Some({value}) }} else {{ None }})");
                chain.item = Item::Value(Ty::F64);
                chain.least = 0;
                chain.both_ends = false;
            }
            10 => {
                if let Item::Index(_) = chain.item {
                    let inner = self.in_closure(|cx| {
                        let pattern = cx.pattern(&chain.item);
                        let inner = cx.range();
                        // The inner closure moves what it captures.
                        for var in &mut cx.vars {
                            var.blocked += usize::from(is_moved_by_move(var));
                        }
                        let text = cx.in_closure(|cx| {
                            let pattern_of_inner = cx.pattern(&inner.item);
                            let value = cx.float(1);
                            format!("|{pattern}| {}.map(move |{pattern_of_inner}| {value})", inner.text)
                        });
                        for var in &mut cx.vars {
                            var.blocked -= usize::from(is_moved_by_move(var));
                        }
                        text
                    });
                    self.note("flat_map");
                    chain.text += &format!(".flat_map({inner})");
                    chain.item = Item::Value(Ty::F64);
                    (chain.least, chain.most, chain.both_ends) = (0, None, false);
                }
            }
            11 => {
                if let Item::Ref(ty, lens) = &chain.item
                    && let Some(of) = ty.element()
                {
                    let least = length(ty, lens);
                    let lens = match ty {
                        Ty::Array(..) => lens.clone(),
                        _ => lens.get(1..).unwrap_or(&[]).to_vec(),
                    };
                    chain.item = Item::Ref(of.clone(), lens);
                    chain.text += ".flatten()";
                    self.note("flatten");
                    chain.least *= least;
                    (chain.most, chain.both_ends) = (None, false);
                }
            }
            12 => {
                self.note("inspect");
                let name = self.fresh("seen");
                chain.text += &format!(".inspect(|{name}| assert!(std::mem::size_of_val({name}) > 0))");
            }
            13 => {
                self.note("fuse");
                chain.text += ".fuse()";
            }
            _ => {
                if self.random.percent(50) {
                    chain = self.copied(chain);
                }
            }
        }
        chain
    }

    pub(super) fn chain(&mut self, stages: usize) -> Option<Chain> {
        let mut chain = self.source()?;
        for _ in 0..self.random.below(stages + 1) {
            chain = self.adapted(chain);
        }
        Some(chain)
    }

    /// The items as floats, as a last stage.
    fn as_floats(&mut self, chain: Chain) -> Chain {
        if matches!(&chain.item, Item::Value(Ty::F64) | Item::Ref(Ty::F64, _)) && self.random.percent(50) {
            return chain;
        }
        let (pattern, value) = self.in_closure(|cx| (cx.pattern(&chain.item), cx.float(2)));
        self.note("map");
        Chain {
            text: format!("{}.map(|{pattern}| {value})", chain.text),
            item: Item::Value(Ty::F64),
            ..chain
        }
    }

    /// A chain that ends in a float.
    pub(super) fn reduction(&mut self) -> Option<String> {
        self.unknown(Generator::reduction_of_typed)
    }

    fn reduction_of_typed(&mut self) -> Option<String> {
        let chain = self.chain(2)?;
        match self.random.weighted(&[12, 4, 8, 3, 3, 3, 5, 3, 4, 2, 2, 2]) {
            0 => {
                let chain = self.as_floats(chain);
                self.note("sum");
                Some(format!("{}.sum::<f64>()", chain.text))
            }
            1 => {
                let chain = self.as_floats(chain);
                let map = if matches!(chain.item, Item::Ref(..)) {
                    "|z| 0.6 + 0.5 * z.sin()"
                } else {
                    "|z| 0.6 + 0.5 * f64::sin(z)"
                };
                self.note("product");
                Some(format!("{}.map({map}).product::<f64>()", chain.text))
            }
            2 => {
                let start = self.leaf(false);
                let closure = self.in_closure(|cx| {
                    let acc = cx.fresh("acc");
                    cx.declare(&acc, Ty::F64, By::Value, false, vec![]);
                    let pattern = cx.pattern(&chain.item);
                    let value = cx.float(2);
                    format!("|{acc}, {pattern}| 0.5 * {acc} + {value}")
                });
                self.note("fold");
                Some(format!("{}.fold({start}, {closure})", chain.text))
            }
            3 => {
                let chain = self.copied_floats(chain)?;
                self.note("fold with a function");
                Some(format!("{}.fold(f64::NEG_INFINITY, f64::max).max(-9.0)", chain.text))
            }
            4 => {
                let chain = self.copied_floats(chain)?;
                let default = self.leaf(false);
                let (name, key) = *self.random.pick(&[("max_by", "max_by"), ("min_by", "min_by")]);
                self.note(key);
                let end = if chain.least > 0 && self.random.percent(60) {
                    self.random.pick(&["unwrap()", "expect(\"there is one\")"]).to_string()
                } else {
                    self.end_of_option(&default)
                };
                Some(format!("{}.{name}(|a, b| a.total_cmp(b)).{end}", chain.text))
            }
            5 => self.extreme_of_aggregates(),
            6 => {
                let chain = self.copied_floats(chain)?;
                let default = self.leaf(false);
                self.note("last, nth");
                let (end, which) =
                    (self.end_of_option(&default), *self.random.pick(&["last()", "nth(1)", "next()"]));
                if self.random.percent(50)
                    && let Some(walk) = self.walk()
                {
                    return Some(walk);
                }
                if self.random.percent(30) {
                    return Some(self.one_by_one(&chain.text, &end));
                }
                Some(format!("{}.{which}.{end}", chain.text))
            }
            7 => {
                let chain = self.copied_floats(chain)?;
                let (x, default) = (self.leaf(false), self.leaf(false));
                self.note("find");
                let end = self.end_of_option(&default);
                Some(if self.random.percent(50) {
                    format!("{}.find(|z| *z > {x}).{end}", chain.text)
                } else {
                    self.note("find_map");
                    format!(
                        "{}.find_map(|z| if z > {x} {{ Some(z * {default}) }} else {{ None }}).{end}",
                        chain.text
                    )
                })
            }
            8 => {
                let chain = self.copied_floats(chain)?;
                let x = self.leaf(false);
                self.note("count, position, any, all");
                Some(match self.random.below(5) {
                    0 => format!("({}.filter(|z| *z > {x}).count() as f64)", chain.text),
                    1 => format!("({}.position(|z| z > {x}).unwrap_or(2) as f64)", chain.text),
                    4 => {
                        self.note("is_some, is_none");
                        format!("(if {}.find(|z| *z > {x}).is_some() {{ {x} }} else {{ 0.5 }})", chain.text)
                    }
                    2 => format!("(if {}.any(|z| z > {x}) {{ {x} }} else {{ 0.5 }})", chain.text),
                    _ => format!("(if {}.all(|z| z > {x}) {{ 1.5 }} else {{ {x} }})", chain.text),
                })
            }
            9 => {
                let chain = self.copied_floats(chain)?;
                let default = self.leaf(false);
                self.note("reduce");
                let end = self.end_of_option(&default);
                Some(format!("{}.reduce(|a, b| 0.5 * a + b).{end}", chain.text))
            }
            10 => {
                let default = self.leaf(false);
                self.note("max, min, max_by_key, min_by_key");
                let name = *self.random.pick(&["max", "min"]);
                if self.random.percent(40) {
                    let range = self.range();
                    return Some(format!("({}.{name}().unwrap_or(2) as f64)", range.text));
                }
                let chain = self.copied_floats(chain)?;
                let end = self.end_of_option(&default);
                Some(format!("{}.{name}_by_key(|z| (*z * 8.0) as i64).{end}", chain.text))
            }
            _ => {
                let chain = self.as_floats(chain);
                self.note("sum with a type");
                let name = self.fresh("sum");
                Some(format!("({{ let {name}: f64 = {}.sum(); {name} }})", chain.text))
            }
        }
    }

    /// What is called on an `Option<f64>`.
    fn end_of_option(&mut self, default: &str) -> String {
        self.note("ends of options");
        match self.random.below(7) {
            0 | 1 => format!("unwrap_or({default})"),
            2 => format!("unwrap_or_else(|| {default})"),
            3 => "unwrap_or_default()".into(),
            4 => format!("map_or({default}, |z| z * z)"),
            5 => format!("map_or_else(|| {default}, |z| 0.5 * z)"),
            _ => format!("map(|z| z * {default}).unwrap_or({default})"),
        }
    }

    /// Items of an iterator in a variable, and what is left of it.
    fn one_by_one(&mut self, chain: &str, end: &str) -> String {
        self.note("items one by one");
        let (it, x) = (self.fresh("it"), self.leaf(false));
        let between = match self.random.below(4) {
            0 => format!("if {it}.any(|z| z > {x}) {{ {x} }} else {{ 0.5 }}"),
            1 => format!("{it}.position(|z| z > {x}).unwrap_or(2) as f64"),
            2 => format!(
                "{{ let mut s = 0.25; for z in {it}.by_ref() {{ if z > {x} {{ break; }} s += 0.5 * z; }} s }}"
            ),
            _ => format!("{it}.nth(1).{end}"),
        };
        format!(
            "({{ let mut {it} = {chain}; let a = {it}.next().{end}; let b = {between}; a - 0.5 * b + 0.25 * {it}.sum::<f64>() }})"
        )
    }

    /// A slice that is assigned one part of an array after the other.
    fn walk(&mut self) -> Option<String> {
        let row = self.place_where(|p| p.ty.element() == Some(&Ty::F64) && length(&p.ty, &p.lens) >= 2)?;
        if self.random.percent(55) {
            return Some(self.referred(&row.text));
        }
        self.note("slices that walk");
        let (w, s, x) = (self.fresh("w"), self.fresh("s"), self.leaf(false));
        let walk = match self.random.below(5) {
            0 => format!("while let [a, rest @ ..] = {w} {{ {s} += 0.5 * a * {x}; {w} = rest; }}"),
            1 => format!(
                "while let Some((a, rest)) = {w}.split_last() {{ {s} = 0.5 * ({s} + a); {w} = rest; if {s} > {x} {{ break; }} }}"
            ),
            2 => format!("while !{w}.is_empty() {{ {s} += 0.25 * {w}[0]; {w} = &{w}[1..]; }}"),
            3 => format!(
                "while {w}.len() > 1 {{ {s} -= 0.5 * {w}[0]; if {w}[0] > {x} {{ {w} = &{w}[1..]; continue; }} {w} = &{w}[..{w}.len() - 1]; }}"
            ),
            _ => format!(
                "while {w}.len() > 1 {{ let (p, q) = {w}.split_at({w}.len() / 2); {w} = if p[0] < {x} {{ p }} else {{ q }}; {s} += 0.5 * {w}[0]; }}"
            ),
        };
        let row = row.text;
        Some(format!(
            "({{ let mut {w} = &{row}[..]; let mut {s} = 0.25; {walk} {s} + 0.5 * {w}.iter().sum::<f64>() }})"
        ))
    }

    /// References to one element after the other, or to one range of several; a fold that may end.
    fn referred(&mut self, row: &str) -> String {
        let (q, r, s, x) = (self.fresh("q"), self.fresh("r"), self.fresh("s"), self.leaf(false));
        let made = if self.random.percent(60) {
            self.note("folds that end");
            match self.random.below(2) {
                0 => format!("{q}.iter().rposition(|z| *z > {x}).map_or({x}, |k| 0.5 * {q}[k])"),
                _ => format!(
                    "{q}.iter().try_fold(0.25, |s, z| if *z > {x} {{ None }} else {{ Some(0.5 * s + z) }}).unwrap_or({x})"
                ),
            }
        } else {
            self.note("references that move on");
            match self.random.below(4) {
                0 => format!(
                    "let mut {r} = None; for z in {q}.iter() {{ if {r}.is_none_or(|p| z > p) {{ {r} = Some(z); }} }} {r}.copied().unwrap_or({x})"
                ),
                1 => format!(
                    "let mut {r}: Option<&f64> = None; let mut {s} = 0.25; for z in {q}.iter() {{ if let Some(p) = {r} {{ {s} += 0.5 * z * p; }} {r} = if *z > {x} {{ None }} else {{ Some(z) }}; }} {s}"
                ),
                2 => format!(
                    "let mut {r} = &{q}[..1]; for k in 1..{q}.len() {{ if {q}[k] > {r}[0] {{ {r} = &{q}[k..]; }} }} {r}[0] + 0.5 * {r}.iter().sum::<f64>()"
                ),
                _ => format!(
                    "let mut {r}: Option<(usize, &f64)> = None; for (k, z) in {q}.iter().enumerate() {{ match {r} {{ Some((_, p)) if p <= z => {{}} _ => {r} = Some((k, z)) }} }} {r}.map_or({x}, |(k, z)| 0.5 * z + 0.25 * k as f64)"
                ),
            }
        };
        format!("({{ let {q} = &{row}[..]; {made} }})")
    }

    fn copied_floats(&mut self, chain: Chain) -> Option<Chain> {
        let chain = self.as_floats(chain);
        let chain = self.copied_all(chain);
        matches!(chain.item, Item::Value(Ty::F64)).then_some(chain)
    }

    fn copied_all(&mut self, chain: Chain) -> Chain {
        if matches!(chain.item, Item::Ref(..)) { self.copied(chain) } else { chain }
    }

    /// The largest of some aggregates, and something of it.
    fn extreme_of_aggregates(&mut self) -> Option<String> {
        let chain = self.iterated(|ty| {
            *ty == Ty::pair(Ty::F64, Ty::F64) || matches!(ty, Ty::Array(of, _) if **of == Ty::F64)
        })?;
        if chain.least == 0 {
            return None;
        }
        let Item::Ref(ty, _) = &chain.item else { return None };
        let ty = ty.clone();
        let part = if matches!(ty, Ty::Tuple(_)) { ".0" } else { "[0]" };
        let (name, key) = *self.random.pick(&[("max_by", "max_by"), ("min_by", "min_by")]);
        self.note(key);
        self.note("extreme of aggregates");
        let vars = self.vars.len();
        let found = self.fresh("best");
        self.depth += 1;
        self.declare(&found, ty, By::Ref, false, vec![]);
        let value = self.float(2);
        self.depth -= 1;
        self.leave(vars);
        Some(format!(
            "({{ let {found} = {}.{name}(|a, b| a{part}.total_cmp(&b{part})).unwrap(); {value} }})",
            chain.text
        ))
    }

    /// A chain that ends in a `Vec<f64>`, and how many there are at least.
    pub(super) fn collected(&mut self) -> Option<(String, usize)> {
        let chain = self.chain(2)?;
        let chain = self.as_floats(chain);
        let chain = self.copied_all(chain);
        if !matches!(chain.item, Item::Value(Ty::F64)) {
            return None;
        }
        self.note("collect");
        Some((format!("{}.collect::<Vec<f64>>()", chain.text), chain.least))
    }

    /// A chain of values of a type that is no number, to be collected.
    pub(super) fn aggregates(&mut self) -> Option<(Chain, Ty)> {
        let chain = self.chain(2)?;
        let chain = self.copied_all(chain);
        if let Item::Value(ty) = &chain.item {
            let ty = ty.clone();
            return Some((chain, ty));
        }
        let ty = self.random.pick(&[Ty::pair(Ty::F64, Ty::F64), Ty::array(Ty::F64, 2)]).clone();
        let (pattern, value) = self.in_closure(|cx| {
            let pattern = cx.pattern(&chain.item);
            let (value, _) = cx.value(&ty, 2);
            (pattern, value)
        });
        self.note("map");
        let text = format!("{}.map(|{pattern}| {value})", chain.text);
        Some((Chain { text, item: Item::Value(ty.clone()), ..chain }, ty))
    }
}

pub(super) fn length(ty: &Ty, lens: &[usize]) -> usize {
    match ty {
        Ty::Array(_, len) => *len,
        _ => lens.first().copied().unwrap_or(0),
    }
}

fn at_most(a: Option<usize>, b: Option<usize>) -> Option<usize> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

/// A `move` closure takes it away from where it is.
fn is_moved_by_move(var: &super::scope::Var) -> bool {
    match var.by {
        By::Value => !var.ty.is_copy(),
        By::Mut => true,
        By::Ref => false,
    }
}
