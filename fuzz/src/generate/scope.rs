//! The names in scope, and what can be read, written, borrowed and moved of them, so that rustc accepts it.

use super::Generator;
use crate::types::{By, Ty};

#[expect(clippy::struct_excessive_bools, reason = "facts that do not depend on each other")]
#[derive(Clone, Debug)]
pub(super) struct Var {
    pub(super) name: String,
    pub(super) ty: Ty,
    pub(super) by: By,
    /// Declared with `mut`, or a mutable reference.
    pub(super) mutable: bool,
    /// How long rows are at least, from the outside in.
    pub(super) lens: Vec<usize>,
    /// The largest value of an integer, where it may serve as an index.
    pub(super) bound: Option<usize>,
    /// In how many blocks and in how many loops and closures it was declared.
    pub(super) depth: usize,
    pub(super) loops: usize,
    pub(super) moved: bool,
    /// Mutably borrowed by something alive.
    pub(super) blocked: usize,
    /// Borrowed by something alive.
    pub(super) frozen: usize,
    /// Whom it borrows, and whether mutably.
    pub(super) borrows: Vec<(usize, bool)>,
    /// `lens[0]` is the length, not only at most.
    pub(super) exact: bool,
    /// Its rows must stay as long as they are: somebody else counts on it.
    pub(super) keeps_length: bool,
    /// An integer whose type is written, so that it has methods.
    pub(super) typed_integer: bool,
    /// A closure of one float, or of a reference to one, that returns one.
    pub(super) closure: Option<By>,
}

/// Something that can be named: a variable or a part of one.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) text: String,
    pub(super) ty: Ty,
    pub(super) lens: Vec<usize>,
    pub(super) root: usize,
    pub(super) mutable: bool,
    /// The whole of a variable, and how it holds it.
    pub(super) whole: Option<By>,
}

impl Place {
    /// The value behind it.
    pub(super) fn value(&self) -> String {
        match self.whole {
            Some(By::Ref | By::Mut) => format!("(*{})", self.text),
            Some(By::Value) | None => self.text.clone(),
        }
    }

    /// What is assigned to.
    pub(super) fn target(&self) -> String {
        match self.whole {
            Some(By::Ref | By::Mut) => format!("*{}", self.text),
            Some(By::Value) | None => self.text.clone(),
        }
    }

    pub(super) fn reference(&self) -> String {
        match self.whole {
            Some(By::Ref) => self.text.clone(),
            Some(By::Mut) => format!("&*{}", self.text),
            Some(By::Value) | None => format!("&{}", self.text),
        }
    }

    pub(super) fn mutable_reference(&self) -> String {
        match self.whole {
            Some(By::Ref | By::Mut) => format!("&mut *{}", self.text),
            Some(By::Value) | None => format!("&mut {}", self.text),
        }
    }
}

impl Generator {
    pub(super) fn fresh(&mut self, hint: &str) -> String {
        self.names += 1;
        let name = format!("{hint}{}", self.names);
        // A variable of that name would be taken for the type.
        if name == "f32" || name == "f64" { self.fresh(hint) } else { name }
    }

    pub(super) fn declare(&mut self, name: &str, ty: Ty, by: By, mutable: bool, lens: Vec<usize>) -> usize {
        self.vars.push(Var {
            name: name.to_owned(),
            ty,
            by,
            mutable,
            lens,
            bound: None,
            depth: self.depth,
            loops: self.loops,
            moved: false,
            blocked: 0,
            frozen: 0,
            borrows: Vec::new(),
            exact: false,
            keeps_length: false,
            typed_integer: false,
            closure: None,
        });
        self.vars.len() - 1
    }

    pub(super) fn declare_index(&mut self, name: &str, bound: usize) {
        let at = self.declare(name, Ty::Usize, By::Value, false, vec![]);
        self.vars[at].bound = Some(bound);
    }

    pub(super) fn borrow(&mut self, by: usize, root: usize, mutably: bool) {
        self.vars[by].borrows.push((root, mutably));
        if mutably {
            self.vars[root].blocked += 1;
        } else {
            self.vars[root].frozen += 1;
        }
    }

    /// Ends the scope of what was declared since.
    pub(super) fn leave(&mut self, vars: usize) {
        while self.vars.len() > vars {
            let var = self.vars.pop().expect("longer than something");
            for (root, mutably) in var.borrows {
                if mutably {
                    self.vars[root].blocked -= 1;
                } else {
                    self.vars[root].frozen -= 1;
                }
            }
        }
    }

    /// Whether a name means this variable here.
    pub(super) fn visible(&self, at: usize) -> bool {
        let var = &self.vars[at];
        !var.moved && var.blocked == 0 && !self.vars[at + 1..].iter().any(|later| later.name == var.name)
    }

    pub(super) fn can_change(&self, at: usize) -> bool {
        self.vars[at].mutable && self.vars[at].frozen == 0 && at >= self.unchanging
    }

    /// Everything that can be named, with an index of some kind for each element.
    pub(super) fn places(&mut self) -> Vec<Place> {
        let mut found = Vec::new();
        for at in 0..self.vars.len() {
            if self.visible(at) {
                let mutable = self.can_change(at);
                let var = self.vars[at].clone();
                let place = Place {
                    text: var.name,
                    ty: var.ty,
                    lens: var.lens,
                    root: at,
                    mutable,
                    whole: Some(var.by),
                };
                self.parts(place, &mut found);
            }
        }
        found
    }

    fn parts(&mut self, place: Place, found: &mut Vec<Place>) {
        match &place.ty {
            Ty::Array(of, len) => {
                let index = self.index(*len, Some(&place.text));
                let part = place.part(format!("[{index}]"), (**of).clone(), place.lens.clone());
                self.parts(part, found);
            }
            Ty::Vec(of) | Ty::Slice(of) => {
                let len = place.lens.first().copied().unwrap_or(0);
                if len > 0 {
                    let index = self.index(len, None);
                    let part = place.part(format!("[{index}]"), (**of).clone(), place.lens[1..].to_vec());
                    self.parts(part, found);
                }
            }
            Ty::Tuple(parts) => {
                for (k, ty) in parts.iter().enumerate() {
                    let part = place.part(format!(".{k}"), ty.clone(), place.lens.clone());
                    self.parts(part, found);
                }
            }
            Ty::Struct(of) => {
                for (name, ty) in of.fields() {
                    let part = place.part(format!(".{name}"), ty, place.lens.clone());
                    self.parts(part, found);
                }
            }
            Ty::Own => {
                // Constants, which nothing here changes.
                let mut part = place.part(".k".into(), Ty::F64, vec![]);
                part.mutable = false;
                found.push(part);
            }
            Ty::F64 | Ty::F32 | Ty::Usize | Ty::I32 | Ty::Bool | Ty::Unit => {}
        }
        found.push(place);
    }

    /// An index less than `len`; `of` has at least that many elements.
    pub(super) fn index(&mut self, len: usize, of: Option<&str>) -> String {
        let ints: Vec<(String, usize)> = (0..self.vars.len())
            .filter(|at| self.visible(*at) && self.vars[*at].by == By::Value)
            .filter_map(|at| Some((self.vars[at].name.clone(), self.vars[at].bound?)))
            .collect();
        if !ints.is_empty() && self.random.percent(60) {
            let (name, bound) = self.random.pick(&ints).clone();
            if bound < len && self.random.percent(70) {
                return name;
            }
            if bound < len && self.random.percent(30) {
                return format!("{} - {name}", len - 1);
            }
            return format!("({name} + {}) % {len}", self.random.below(3));
        }
        if self.random.percent(8) {
            let rows = |var: &Var| var.ty == Ty::slice(Ty::Usize) && var.lens[0] > 0;
            if let Some(at) = (0..self.vars.len()).find(|at| self.visible(*at) && rows(&self.vars[*at])) {
                let known = self.vars[at].lens[0];
                return format!("{}[{}] % {len}", self.vars[at].name, self.random.below(known));
            }
        }
        if self.random.percent(4) {
            let float = |var: &Var| var.ty == Ty::F64 && var.by == By::Value && var.closure.is_none();
            let floats: Vec<usize> =
                (0..self.vars.len()).filter(|at| self.visible(*at) && float(&self.vars[*at])).collect();
            if !floats.is_empty() {
                let name = self.vars[*self.random.pick(&floats)].name.clone();
                self.note("v[x as usize]");
                return format!("({name} * {name} * 5.0) as usize % {len}");
            }
        }
        if let Some(of) = of
            && self.random.percent(10)
            // Elements of elements would be borrowed twice where they are written.
            && !of.contains('[')
        {
            return format!("{of}.len() - {}", self.random.between(1, len));
        }
        self.random.below(len).to_string()
    }

    pub(super) fn place_where(&mut self, wanted: impl Fn(&Place) -> bool) -> Option<Place> {
        let mut all = self.places();
        all.retain(|place| wanted(place));
        if all.is_empty() {
            return None;
        }
        // What was declared last is of interest most.
        let k = if self.random.percent(50) && all.len() > 2 {
            all.len() - 1 - self.random.below(all.len() / 2)
        } else {
            self.random.below(all.len())
        };
        Some(all.swap_remove(k))
    }

    pub(super) fn place(&mut self, ty: &Ty) -> Option<Place> {
        self.place_where(|place| place.ty == *ty)
    }

    pub(super) fn mutable_place(&mut self, ty: &Ty) -> Option<Place> {
        self.place_where(|place| place.mutable && place.ty == *ty)
    }

    /// A `Vec` that can be moved from here.
    pub(super) fn movable(&mut self, ty: &Ty) -> Option<Place> {
        let loops = self.loops;
        let found: Vec<Place> = self
            .places()
            .into_iter()
            .filter(|place| {
                let var = &self.vars[place.root];
                place.ty == *ty
                    && place.whole == Some(By::Value)
                    && var.loops == loops
                    && var.frozen == 0
                    && place.root >= self.unchanging
            })
            .collect();
        if found.is_empty() { None } else { Some(self.random.pick(&found).clone()) }
    }
}

impl Place {
    fn part(&self, suffix: String, ty: Ty, lens: Vec<usize>) -> Place {
        Place {
            text: format!("{}{suffix}", self.text),
            ty,
            lens,
            root: self.root,
            mutable: self.mutable,
            whole: None,
        }
    }
}
