//! Calls of the program's functions, with every kind of argument, and of their derivatives; calls of closures.

use super::Generator;
use super::chain::length;
use crate::program::Param;
use crate::types::{By, Ty};

/// A function that can be called.
#[derive(Clone, Debug)]
pub(super) struct Function {
    pub(super) path: String,
    pub(super) params: Vec<Param>,
    pub(super) result: Ty,
    /// How long the rows of the result are at least.
    pub(super) lens: Vec<usize>,
    /// Its derivative may be asked for.
    pub(super) derivable: bool,
}

impl Generator {
    pub(super) fn call_returning(&mut self, ty: &Ty) -> Option<String> {
        let found: Vec<Function> = self.functions.iter().filter(|f| f.result == *ty).cloned().collect();
        if found.is_empty() || self.budget <= 0 {
            return None;
        }
        let function = self.random.pick(&found).clone();
        self.call(&function)
    }

    pub(super) fn call(&mut self, function: &Function) -> Option<String> {
        self.budget -= 2;
        let args = self.arguments(function)?;
        self.lens_of_result.clone_from(&function.lens);
        self.note("call");
        if let Some((_, method)) = function.path.split_once("::")
            && function.params[0].name == "self"
            // The derivatives of a method that takes `self` by value are for calls as a method.
            && (function.params[0].by == By::Value || self.random.percent(75))
        {
            let receiver = args[0].trim_start_matches('&');
            let receiver = receiver.strip_prefix("mut ").unwrap_or(receiver);
            self.note("call of a method");
            return Some(format!("({receiver}).{method}({})", args[1..].join(", ")));
        }
        Some(format!("{}({})", function.path, args.join(", ")))
    }

    /// Arguments that rustc lets stand beside each other.
    fn arguments(&mut self, function: &Function) -> Option<Vec<String>> {
        let before: Vec<(usize, usize)> = self.vars.iter().map(|var| (var.blocked, var.frozen)).collect();
        let mut args = Vec::new();
        for param in &function.params {
            let Some(arg) = self.known(|cx| cx.argument(param)) else { break };
            args.push(arg);
        }
        for (var, (blocked, frozen)) in self.vars.iter_mut().zip(before) {
            (var.blocked, var.frozen) = (blocked, frozen);
        }
        (args.len() == function.params.len()).then_some(args)
    }

    fn argument(&mut self, param: &Param) -> Option<String> {
        match param.by {
            By::Value => self.by_value(param),
            By::Ref => self.by_reference(param),
            By::Mut => self.by_mutable_reference(param),
        }
    }

    fn by_value(&mut self, param: &Param) -> Option<String> {
        if !param.active && param.ty.holds_floats() {
            // A constant of the callee must be one of the caller's.
            self.note("constant argument");
            return Some(if self.random.percent(60) { "0.5".into() } else { "grad::constant(1.25)".into() });
        }
        match &param.ty {
            Ty::Usize => {
                let bound = param.lens.first().copied().unwrap_or(3);
                Some(self.random.between(usize::from(bound > 0), bound).to_string())
            }
            Ty::Vec(of) => {
                let (text, lens) = self.vector(&param.ty, of, 1, param.lens.first().copied());
                enough(&lens, &param.lens).then_some(text)
            }
            ty if ty.is_float() => Some(self.number(*ty == Ty::F32, 2)),
            ty => {
                if ty.is_copy() && self.random.percent(75) {
                    let behind =
                        self.place_where(|p| p.ty == *ty && matches!(p.whole, Some(By::Ref | By::Mut)));
                    if let Some(place) = behind
                        && self.random.percent(85)
                    {
                        self.note("f(*p)");
                        return Some(format!("*{}", place.text));
                    }
                    if let Some(place) = self.place(ty) {
                        self.note("aggregate by value");
                        return Some(place.value());
                    }
                }
                let (text, lens) = self.value(ty, 2);
                (ty.is_copy() || enough(&lens, &param.lens)).then_some(text)
            }
        }
    }

    fn freeze(&mut self, root: usize) {
        self.vars[root].frozen += 1;
    }

    fn by_reference(&mut self, param: &Param) -> Option<String> {
        let ty = &param.ty;
        if *ty == Ty::Own {
            return Some("&state()".into());
        }
        if let Ty::Slice(of) = ty {
            let of = (**of).clone();
            let needed = param.lens.clone();
            let place = self.place_where(|p| {
                p.ty.element() == Some(&of)
                    && length(&p.ty, &p.lens) >= needed.first().copied().unwrap_or(0)
                    && enough(inner(&p.ty, &p.lens), &needed[1..])
            });
            if let Some(place) = place
                && self.random.percent(85)
            {
                self.freeze(place.root);
                let (len, least) = (length(&place.ty, &place.lens), needed[0]);
                if len >= least && self.random.percent(35) {
                    self.note("part of a slice lent");
                    let from = self.random.below(len - least + 1);
                    return Some(match self.random.below(3) {
                        0 => format!("&{}[{from}..]", place.text),
                        1 => format!("&{}[..{}]", place.text, len - from),
                        _ => format!("&{}[{from}..{}]", place.text, from + least),
                    });
                }
                self.note("slice lent");
                return Some(place.reference());
            }
            let len = needed[0].max(1);
            if !of.is_copy() {
                let (text, lens) = self.vector(&Ty::vec(of.clone()), &of, 1, Some(len));
                return enough(&lens, &needed).then(|| format!("&{text}"));
            }
            self.note("temporary lent");
            let parts: Vec<String> = (0..len).map(|_| self.value(&of, 1).0).collect();
            return Some(format!("&[{}]", parts.join(", ")));
        }
        let needed = param.lens.clone();
        let wanted = ty.clone();
        let place = self.place_where(|p| p.ty == wanted && enough(&p.lens, &needed));
        if let Some(place) = place
            && self.random.percent(80)
        {
            self.freeze(place.root);
            self.note(if ty.is_float() { "number lent" } else { "aggregate lent" });
            return Some(place.reference());
        }
        let (text, lens) = match ty {
            Ty::Vec(of) => self.vector(ty, of, 1, Some(param.lens[0])),
            _ => self.value(ty, 1),
        };
        self.note("temporary lent");
        enough(&lens, &param.lens).then(|| format!("&{text}"))
    }

    fn by_mutable_reference(&mut self, param: &Param) -> Option<String> {
        let (ty, needed) = (param.ty.clone(), param.lens.clone());
        let place = if let Ty::Slice(of) = &ty {
            self.place_where(|p| {
                p.mutable
                    && p.ty.element() == Some(&**of)
                    && length(&p.ty, &p.lens) >= needed[0]
                    && enough(inner(&p.ty, &p.lens), &needed[1..])
            })?
        } else {
            self.place_where(|p| p.mutable && p.ty == ty && enough(&p.lens, &needed))?
        };
        self.vars[place.root].blocked += 1;
        if matches!(ty, Ty::Vec(_)) && place.whole.is_some() {
            // It may have grown.
            self.vars[place.root].exact = false;
        }
        if matches!(ty, Ty::Slice(_)) && self.random.percent(95) {
            self.note("part of a slice lent mutably");
            let (len, least) = (length(&place.ty, &place.lens), needed[0]);
            let from = self.random.below(len - least + 1);
            return Some(match self.random.below(2) {
                0 => format!("&mut {}[{from}..]", place.text),
                _ => format!("&mut {}[..{}]", place.text, len - from),
            });
        }
        self.note(if place.whole.is_some() { "lent mutably" } else { "part lent mutably" });
        if place.whole == Some(By::Mut) && self.random.percent(60) {
            return Some(place.text);
        }
        Some(place.mutable_reference())
    }

    /// `g::grad(..)` and its kin.
    pub(super) fn inner_derivative(&mut self) -> Option<String> {
        let found: Vec<Function> = self.functions.iter().filter(|f| f.derivable).cloned().collect();
        if found.is_empty() {
            return None;
        }
        let function = self.random.pick(&found).clone();
        let args = self.arguments(&function)?.join(", ");
        let path = &function.path;
        let single = function.params.len() == 1;
        // A number out of the gradient of the first parameter.
        let ty = &function.params[0].ty;
        let of_first = match ty {
            Ty::F64 => "",
            _ => "[0]",
        };
        let part = if single { String::new() } else { ".0".to_owned() };
        Some(match self.random.below(6) {
            0 => {
                self.note("g::grad");
                format!("{path}::grad({args}){part}{of_first}")
            }
            1 => {
                self.note("g::value_and_grad");
                format!(
                    "({{ let (value, slope) = {path}::value_and_grad({args}); value * slope{part}{of_first} }})"
                )
            }
            _ if single && *ty == Ty::F64 => {
                let along = self.leaf(false);
                self.note("g::jvp");
                format!("{path}::jvp({args}, {along}).1")
            }
            _ => {
                self.note("g::grad");
                format!("{path}::grad({args}){part}{of_first}")
            }
        })
    }

    pub(super) fn closure_call(&mut self) -> Option<String> {
        let found: Vec<(String, By)> = (0..self.vars.len())
            .filter(|at| self.visible(*at))
            .filter_map(|at| Some((self.vars[at].name.clone(), self.vars[at].closure?)))
            .collect();
        if found.is_empty() {
            return None;
        }
        let (name, by) = self.random.pick(&found).clone();
        self.note("closure call");
        Some(match by {
            By::Value => format!("{name}({})", self.known(|cx| cx.float(1))),
            By::Ref | By::Mut => format!("{name}({})", self.place(&Ty::F64)?.reference()),
        })
    }
}

/// Rows as long as needed.
fn enough(lens: &[usize], needed: &[usize]) -> bool {
    lens.len() >= needed.len() && lens.iter().zip(needed).all(|(len, needed)| len >= needed)
}

fn inner<'a>(ty: &Ty, lens: &'a [usize]) -> &'a [usize] {
    match ty {
        Ty::Array(..) => lens,
        _ => lens.get(1..).unwrap_or(&[]),
    }
}
