//! Expressions: operands, primitives, the user's code, values.

use super::body::Emitter;
use super::compiles::compiles_here;
use super::fold::Folded;
use super::generic;
use super::place::Access;
use super::{Tokens, site};
use crate::ir::{
    Code, Elem, Float, Init, Lit, Op, Operand, Place, Prim, Proj, Room, Ty, Value, Var, placeholder_index,
};
use crate::rules::{self, Form};
use proc_macro2::{Group, Ident, Literal, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};

/// Stands for the path of the runtime in code that the compiler has made.
pub(super) const RUNTIME: &str = "__grad_runtime";

impl Emitter<'_> {
    /// An operand where any expression may stand.
    pub(super) fn inner(&self, operand: &Operand) -> Tokens {
        match self.folded(operand) {
            Some(folded) => folded.alone(),
            None => self.operand(operand),
        }
    }

    /// The expression that an operand stands for.
    pub(super) fn folded(&self, operand: &Operand) -> Option<&Folded<'_>> {
        operand.var().and_then(|var| self.folded.get(&var))
    }

    /// An operand where an operator or a comma follows.
    pub(super) fn operand(&self, operand: &Operand) -> Tokens {
        if let Some(folded) = self.folded(operand) {
            return folded.closed();
        }
        match operand {
            Operand::Var(var) => self.name(*var).to_token_stream(),
            Operand::Lit(lit) if self.func.is_generic() && generic::is_zero(lit) => {
                quote_spanned!(site()=> ::core::default::Default::default())
            }
            Operand::Lit(lit) => self.literal(lit, None),
        }
    }

    /// An operand with a method behind it: a literal needs its type and parentheses around a sign.
    pub(super) fn receiver(&self, operand: &Operand, ty: &Ty) -> Tokens {
        match operand {
            Operand::Var(_) => self.operand(operand),
            Operand::Lit(lit) => {
                if let Ty::Float(float @ Float::Param(_)) = ty {
                    return self.generic_number(lit, *float);
                }
                let out = self.literal(lit, suffix(ty));
                if lit.text.starts_with('-') { quote_spanned!(site()=> (#out)) } else { out }
            }
        }
    }

    /// An operand that alone decides the type of a variable.
    pub(super) fn typed(&self, operand: &Operand, ty: &Ty) -> Tokens {
        match operand {
            Operand::Var(_) => self.operand(operand),
            Operand::Lit(lit) => match ty {
                Ty::Float(float @ Float::Param(_)) => self.generic_number(lit, *float),
                ty if suffix(ty).is_none() => self.operand(operand),
                ty => self.literal(lit, suffix(ty)),
            },
        }
    }

    /// The value of a variable. The type of a literal is told where rustc would ask for it.
    pub(super) fn typed_for(&self, operand: &Operand, var: Var) -> Tokens {
        if self.facts.needs_type[var.index()] || matches!(self.func.ty(var), Ty::Float(Float::Param(_))) {
            self.typed(operand, self.func.ty(var))
        } else {
            self.operand(operand)
        }
    }

    pub(super) fn op(&self, var: Var, op: &Op) -> Tokens {
        let s = site();
        match op {
            Op::Copy(Operand::Lit(_)) if matches!(self.func.ty(var), Ty::Lanes(_)) => {
                self.zeros(self.func.ty(var))
            }
            Op::Copy(operand) => self.typed_for(operand, var),
            Op::Prim(prim, args) => self.prim(*prim, args, var),
            Op::Cast(operand, to) if matches!(self.func.ty(var), Ty::Lanes(_)) => {
                let operand = self.operand(operand);
                let to = self.float_ty(*to);
                quote_spanned!(s=> #operand.cast::<#to>())
            }
            Op::Cast(operand, to) => {
                let operand = self.operand(operand);
                let to = self.float_ty(*to);
                if self.func.is_generic() {
                    let krate = self.krate;
                    return quote_spanned!(s=> #krate::__private::cast_generic::<_, #to>(#operand));
                }
                quote_spanned!(s=> #operand as #to)
            }
            Op::Load(place) => self.read_part(var, place).unwrap_or_else(|| self.place(place)),
            Op::Len(place) => {
                let place = self.long_as(place).unwrap_or_else(|| self.place(place));
                quote_spanned!(s=> #place.len())
            }
            Op::Code(code) => self.code(code),
            Op::Pop(tape) => self.pop(*tape),
        }
    }

    /// The last element of a tape. What the forward sweep pushed is there, so the default is never used.
    pub(super) fn pop(&self, tape: Var) -> Tokens {
        let s = site();
        let name = self.place(&Place::from(tape));
        let scalar = match self.func.ty(tape).peeled() {
            Ty::Tape(of) | Ty::Vec(of) => {
                matches!(**of, Ty::Float(_) | Ty::Lanes(_) | Ty::Int | Ty::Bool | Ty::Vec(_))
            }
            _ => false,
        };
        if scalar {
            quote_spanned!(s=> #name.pop().unwrap_or_default())
        } else {
            quote_spanned!(s=> #name.pop().expect("the forward sweep has pushed it"))
        }
    }

    pub(super) fn prim(&self, prim: Prim, args: &[Operand], var: Var) -> Tokens {
        let s = site();
        let ty = self.func.ty(var);
        if let Some(call) = self.generic_method(prim, args, var) {
            return call;
        }
        match rules::form(prim) {
            Form::Infix => {
                let all_literal = args.iter().all(|arg| arg.var().is_none());
                let [mut lhs, mut rhs] = [0, 1].map(|at| self.side(prim, args, at, var, at == 0));
                if let Some(rhs) = self.signed(prim, &args[1]) {
                    return quote_spanned!(s=> #lhs - #rhs);
                }
                if all_literal {
                    lhs = self.typed_for(&args[0], var);
                }
                if self.is_turned(prim, args) {
                    std::mem::swap(&mut lhs, &mut rhs);
                }
                let operator = operator(rules::spelling(prim));
                quote_spanned!(s=> #lhs #operator #rhs)
            }
            Form::Prefix => {
                let operand = self.receiver(&args[0], ty);
                let operator = operator(rules::spelling(prim));
                quote_spanned!(s=> #operator #operand)
            }
            Form::Method => {
                let method = Ident::new(rules::spelling(prim), s);
                let receiver = self.receiver(&args[0], ty);
                let rest = args[1..].iter().map(|arg| self.inner(arg));
                quote_spanned!(s=> #receiver.#method(#(#rest),*))
            }
            Form::Runtime => {
                let function = Ident::new(rules::spelling(prim), s);
                let first = self.typed(&args[0], ty);
                let rest = args[1..].iter().map(|arg| self.inner(arg));
                let krate = self.krate;
                quote_spanned!(s=> #krate::__private::Real::#function(#first #(, #rest)*))
            }
        }
    }

    /// The user's tokens with our names in them.
    pub(super) fn code(&self, code: &Code) -> Tokens {
        self.tokens(code.tokens.clone(), &[])
    }

    /// The same, where the code changes some of the variables.
    pub(super) fn tokens(&self, tokens: TokenStream, writes: &[Var]) -> Tokens {
        tokens
            .into_iter()
            .flat_map(|tree| match tree {
                TokenTree::Ident(ident) => match placeholder_index(&ident) {
                    Some(var) if self.facts.views[var.index()].is_some() && self.is_spelt_out(var) => {
                        let access = if writes.contains(&var) { Access::Exclusive } else { Access::Shared };
                        let view = self.reference(&Place::from(var), access);
                        quote_spanned!(site()=> (#view))
                    }
                    Some(var) => {
                        let mut name = self.name(var).clone();
                        name.set_span(ident.span().resolved_at(name.span()));
                        name.to_token_stream()
                    }
                    None if ident == RUNTIME => {
                        let span = ident.span().resolved_at(site());
                        let krate = respan(self.krate.clone(), span);
                        quote_spanned!(span=> #krate::__private)
                    }
                    None => ident.to_token_stream(),
                },
                TokenTree::Group(group) => {
                    let mut replaced = Group::new(group.delimiter(), self.tokens(group.stream(), writes));
                    replaced.set_span(group.span());
                    replaced.to_token_stream()
                }
                tree @ (TokenTree::Punct(_) | TokenTree::Literal(_)) => tree.into_token_stream(),
            })
            .collect()
    }

    /// A literal with the user's text.
    pub(super) fn literal(&self, lit: &Lit, suffix: Option<&str>) -> Tokens {
        self.written.literal(&lit.text);
        literal(lit, suffix)
    }

    /// Of a type of the user's, one that has tangents.
    fn checked(&self, made: &Tokens) -> Tokens {
        let s = site();
        let at = made.clone().into_iter().next().map_or(s, |tree| tree.span().resolved_at(s));
        let krate = respan(self.krate.clone(), at);
        let compiles = compiles_here(&krate, &self.written, at);
        quote_spanned!(at=> #krate::__private::checked::<{ #compiles }, _>(#made))
    }

    pub(super) fn elem(&self, elem: &Elem) -> Tokens {
        match elem {
            Elem::Scalar(operand) => self.operand(operand),
            Elem::Memory(place) => self.owned(place),
        }
    }

    /// Memory by value. A part of something is cloned: the whole is asked for its shape later.
    pub(super) fn moved(&self, place: &Place) -> Tokens {
        let part = self.resolve(place);
        let is_part = matches!(
            part.path.last(),
            Some(
                Proj::Field(_)
                    | Proj::Named(_)
                    | Proj::Some
                    | Proj::Variant(..)
                    | Proj::Boxed
                    | Proj::Index(_)
            )
        );
        if is_part && is_cloned(&self.place_ty(&part)) {
            let part = self.reference(place, Access::Shared);
            return quote_spanned!(site()=> ::core::clone::Clone::clone(#part));
        }
        let is_whole = part.path.is_empty() && part.root == place.root;
        if is_whole && self.facts.copied[part.root.index()] && holds_unknown(self.func.ty(part.root)) {
            let whole = self.reference(place, Access::Shared);
            return quote_spanned!(site()=> ::core::clone::Clone::clone(#whole));
        }
        self.place(place)
    }

    /// Whether a place is a part of an array, or what a parameter refers to, and that of a type that only rustc knows.
    fn may_be_part(&self, place: &Place) -> bool {
        if matches!(self.resolve(place).path.last(), Some(Proj::Slice { .. })) {
            return true;
        }
        let Place { root, path } = place;
        if !path.is_empty() {
            return false;
        }
        if let Some((of, _)) = self.facts.views[root.index()] {
            return self.may_be_part(of);
        }
        let is_param = self.func.params.iter().any(|param| param.var == *root);
        is_param && matches!(self.func.ty(*root), Ty::Ref { to, .. } if **to == Ty::Unknown)
    }

    /// What is behind a reference, by value: it can be copied.
    pub(super) fn copied_out(&self, place: &Place) -> Tokens {
        if holds_unknown(self.place_ty(&self.resolve(place)).peeled()) {
            let part = self.reference(place, Access::Shared);
            return quote_spanned!(site()=> ::core::clone::Clone::clone(#part));
        }
        self.content(place)
    }

    pub(super) fn typed_elem(&self, elem: &Elem, ty: Option<&Ty>) -> Tokens {
        match (elem, ty) {
            (Elem::Scalar(operand), Some(ty)) => self.typed(operand, ty),
            _ => self.elem(elem),
        }
    }

    pub(super) fn value(&self, value: &Value) -> Tokens {
        let s = site();
        match value {
            Value::Unit => quote_spanned!(s=> ()),
            Value::Scalar(operand) => self.operand(operand),
            Value::Memory(place) => self.owned(place),
            Value::Tuple(values) => {
                let values = values.iter().map(|value| self.value(value));
                quote_spanned!(s=> (#(#values,)*))
            }
        }
    }

    /// The seed of a pullback, which takes it by value: an element of something is taken out.
    pub(super) fn seed(&self, value: &Value) -> Tokens {
        let s = site();
        match value {
            Value::Memory(place) => {
                let place = self.resolve(place);
                let out = self.place(&place);
                if !place.path.is_empty() && !is_copy(&self.place_ty(&place)) {
                    quote_spanned!(s=> ::core::mem::take(&mut #out))
                } else {
                    out
                }
            }
            Value::Tuple(values) => {
                let values = values.iter().map(|value| self.seed(value));
                quote_spanned!(s=> (#(#values,)*))
            }
            value => self.value(value),
        }
    }

    /// New memory of the given type, which is that of a variable or is moved into a part of it.
    pub(super) fn init_of(&self, root: Var, ty: &Ty, init: &Init) -> Tokens {
        let is_plain = self.func.vars[self.resolve_root(root).index()].plain;
        match init {
            Init::Point(code) if is_plain => self.code(code),
            Init::Clone(of) if self.is_copy_of_array(root) => self.to_owned(of),
            init => self.init(ty, init, is_plain),
        }
    }

    fn init(&self, ty: &Ty, init: &Init, is_plain: bool) -> Tokens {
        let s = site();
        let of = match ty.peeled() {
            Ty::Array(of, _) | Ty::Vec(of) | Ty::Slice(of) => Some(&**of),
            _ => None,
        };
        let elems = |elems: &[Elem]| -> Vec<Tokens> {
            let all_literal = elems.iter().all(|elem| matches!(elem, Elem::Scalar(Operand::Lit(_))));
            let of = if all_literal { of } else { None };
            elems.iter().enumerate().map(|(k, elem)| self.typed_elem(elem, of.filter(|_| k == 0))).collect()
        };
        if let Init::Move(place) | Init::Clone(place) = init
            && let Some(copy) = self.copy_part(place)
        {
            return copy;
        }
        match init {
            Init::Array(list) => {
                let list = elems(list);
                quote_spanned!(s=> [#(#list),*])
            }
            Init::Vec(list) if list.is_empty() => self.empty_vec(of),
            Init::Vec(list) => {
                let list = elems(list);
                {
                    let krate = self.krate;
                    quote_spanned!(s=> #krate::__private::vec![#(#list),*])
                }
            }
            Init::Tuple(list) => {
                let list = list.iter().enumerate().map(|(k, elem)| match ty.peeled() {
                    Ty::Tuple(tys) => self.typed_elem(elem, tys.get(k)),
                    _ => self.elem(elem),
                });
                quote_spanned!(s=> (#(#list,)*))
            }
            Init::Record { path, members, elems } if matches!(members[..], [Proj::Some | Proj::Boxed]) => {
                let elems = elems.iter().map(|elem| self.elem(elem));
                let path = self.tokens(path.clone(), &[]);
                quote_spanned!(s=> #path(#(#elems),*))
            }
            Init::Record { path, members, elems } => {
                let path = self.tokens(path.clone(), &[]);
                let fields = members.iter().zip(elems).map(|(member, elem)| {
                    let elem = self.elem(elem);
                    match member {
                        Proj::Named(name) => {
                            let name = crate::ir::field_name(name, s);
                            quote_spanned!(s=> #name: #elem)
                        }
                        Proj::Field(at) => {
                            let at = Literal::usize_unsuffixed(*at);
                            quote_spanned!(s=> #at: #elem)
                        }
                        Proj::Variant(name) => {
                            let member = name.rsplit_once('.').map_or(&name[..], |(_, member)| member);
                            if let Ok(at) = member.parse() {
                                let at = Literal::usize_unsuffixed(at);
                                quote_spanned!(s=> #at: #elem)
                            } else {
                                let member = crate::ir::field_name(member, s);
                                quote_spanned!(s=> #member: #elem)
                            }
                        }
                        Proj::Some | Proj::Boxed | Proj::Index(_) | Proj::Slice { .. } | Proj::Deref => {
                            unreachable!("a literal has fields")
                        }
                    }
                });
                let literal = quote_spanned!(s=> #path { #(#fields),* });
                if is_plain { literal } else { self.checked(&literal) }
            }
            // A value of a type that rustc knows can be copied, as it has seen; its tangent is cloned.
            Init::ArrayRepeat { value: Elem::Memory(place), len }
                if holds_unknown(self.place_ty(place).peeled()) =>
            {
                let (value, len) = (self.reference(place, Access::Shared), self.code(len));
                quote_spanned!(s=> [(); #len].map(|()| ::core::clone::Clone::clone(#value)))
            }
            // Its shape is asked for later. With more than one element it can be copied, as rustc has seen.
            Init::ArrayRepeat { value: Elem::Memory(place), len } if is_cloned(&self.place_ty(place)) => {
                let (value, len) = (self.reference(place, Access::Shared), self.code(len));
                quote_spanned!(s=> [::core::clone::Clone::clone(#value); #len])
            }
            Init::ArrayRepeat { value, len } => {
                let (value, len) = (self.typed_elem(value, of), self.code(len));
                quote_spanned!(s=> [#value; #len])
            }
            // Its shape is asked for later.
            Init::VecRepeat { value: Elem::Memory(place), len } if is_cloned(&self.place_ty(place)) => {
                let (krate, value, len) =
                    (self.krate, self.reference(place, Access::Shared), self.inner(len));
                quote_spanned!(s=> #krate::__private::vec![::core::clone::Clone::clone(#value); #len])
            }
            Init::VecRepeat { value, len } => {
                let (krate, value, len) = (self.krate, self.typed_elem(value, of), self.inner(len));
                quote_spanned!(s=> #krate::__private::vec![#value; #len])
            }
            Init::Buffer { value, len, on_stack: _ } => {
                let (krate, value, len) = (self.krate, self.typed_elem(value, of), self.inner(len));
                quote_spanned!(s=> #krate::__private::buffer(#value, #len))
            }
            Init::Empty { capacity: None } => self.empty_vec(of),
            Init::Tape(Room::Any) => self.empty_vec(None),
            Init::Tape(Room::One) => {
                let krate = self.krate;
                let of_pullback = matches!(ty, Ty::Tape(of) if **of == Ty::Pullback);
                let slot = if of_pullback { quote!(PullbackSlot) } else { quote!(Slot) };
                quote_spanned!(s=> #krate::__private::#slot::new())
            }
            Init::Tape(Room::For(passes)) => {
                let (vec, passes) = (self.vec_of(None), self.inner(passes));
                quote_spanned!(s=> #vec::with_capacity(#passes))
            }
            Init::Empty { capacity: Some(capacity) } => {
                let capacity = self.inner(capacity);
                let vec = self.vec_of(of);
                quote_spanned!(s=> #vec::with_capacity(#capacity))
            }
            Init::Move(place) => {
                let is_copied_out =
                    matches!(self.place_ty(place), Ty::Ref { .. }) && !matches!(ty, Ty::Ref { .. });
                if is_copied_out { self.copied_out(place) } else { self.moved(place) }
            }
            // What a parameter refers to may be a part of an array, of which a copy is another type.
            Init::Clone(place) if self.may_be_part(place) => {
                let (krate, place) = (self.krate, self.reference(place, Access::Shared));
                quote_spanned!(s=> #krate::__private::borrow::ToOwned::to_owned(#place))
            }
            Init::Clone(place) => {
                let place = self.reference(place, Access::Shared);
                quote_spanned!(s=> ::core::clone::Clone::clone(#place))
            }
            Init::Refill { of, spare } => {
                let (krate, spare) = (self.krate, self.name(*spare));
                let of = self.reference(of, Access::Shared);
                quote_spanned!(s=> #krate::__private::refill(#spare.pop(), #of))
            }
            Init::Keep(place) => {
                if let Some(copied) = self.copied(place) {
                    return copied;
                }
                let krate = self.krate;
                let place = self.reference(place, Access::Shared);
                quote_spanned!(s=> #krate::__private::keep(#place))
            }
            Init::Part(place) => self.place(place),
            Init::Again(place) => self.again(place),
            Init::ToVec(place) => {
                let place = self.place(place);
                quote_spanned!(s=> #place.to_vec())
            }
            Init::Code(code) => self.code(code),
            Init::Point(code) => self.checked(&self.code(code)),
            Init::ZerosLike(place) => {
                let zeros = self.zeros_beside(place, None);
                // There is no part of what is absent.
                let part = Some(place).filter(|place| self.is_part_of_sequence(place));
                self.or_absent(part, zeros, |_| quote_spanned!(s=> ::core::default::Default::default()))
            }
            Init::LanesLike(place) => {
                // Memory without floats does not say how many lanes there are.
                let zeros = self.zeros_beside(place, self.lanes.as_ref());
                let part = Some(place).filter(|place| self.is_part_of_sequence(place));
                self.or_absent(part, zeros, |_| quote_spanned!(s=> ::core::default::Default::default()))
            }
            Init::Zeros(ty) => self.zeros(ty),
            Init::Pop(tape) => self.pop(*tape),
        }
    }

    /// The zero cotangent of a type whose shape is in the type: `()` in the place of what holds no floats.
    pub(super) fn zeros(&self, ty: &Ty) -> Tokens {
        self.filled(ty, &|_| quote_spanned!(site()=> ()))
    }

    /// A value of a type, which is overwritten before it is read.
    pub(super) fn unread(&self, ty: &Ty) -> Tokens {
        self.filled(ty, &|ty| match ty {
            Ty::Int => quote_spanned!(site()=> 0),
            _ => quote_spanned!(site()=> false),
        })
    }

    /// Zeros, with something of its own for integers and booleans.
    fn filled(&self, ty: &Ty, constant: &dyn Fn(&Ty) -> Tokens) -> Tokens {
        let s = site();
        match ty {
            Ty::Float(_) => self.typed(&Operand::float(0.0), ty),
            Ty::Lanes(float) => {
                let (krate, float, lanes) = (self.krate, self.float_ty(*float), &self.lanes);
                quote_spanned!(s=> #krate::__private::Lanes::<#float, #lanes>::none())
            }
            Ty::Int | Ty::Bool => constant(ty),
            Ty::Array(of, len) => {
                let of = self.filled(of, constant);
                let len: TokenStream = len.parse().expect("the length of an array has been parsed before");
                quote_spanned!(s=> [#of; #len])
            }
            Ty::Tuple(of) => {
                let of = of.iter().map(|of| self.filled(of, constant));
                quote_spanned!(s=> (#(#of,)*))
            }
            Ty::Ref { to, .. } => self.filled(to, constant),
            Ty::Vec(_) | Ty::Slice(_) | Ty::Tape(_) => self.empty_vec(None),
            Ty::Unit | Ty::Opaque | Ty::Unknown | Ty::Pullback => quote_spanned!(s=> ()),
        }
    }

    fn empty_vec(&self, of: Option<&Ty>) -> Tokens {
        let vec = self.vec_of(of);
        quote_spanned!(site()=> #vec::new())
    }

    /// The type of an empty `Vec`. Nothing may ever be pushed to it that would tell.
    fn vec_of(&self, of: Option<&Ty>) -> Tokens {
        let (s, vec) = (site(), crate::shape::vec(self.krate));
        match of.and_then(|of| self.known_ty(of)) {
            Some(of) => quote_spanned!(s=> #vec::<#of>),
            None => vec,
        }
    }

    /// A type, as far as it is known: so much that a part of it may be read before anything else tells what it is.
    fn known_ty(&self, ty: &Ty) -> Option<Tokens> {
        let s = site();
        Some(match ty {
            Ty::Float(float @ (Float::F32 | Float::F64 | Float::Param(_))) => self.float_ty(*float),
            Ty::Vec(of) => {
                let (vec, of) = (crate::shape::vec(self.krate), self.known_ty(of)?);
                quote_spanned!(s=> #vec<#of>)
            }
            Ty::Tuple(of) => {
                let of = of.iter().map(|of| self.known_ty(of).unwrap_or_else(|| quote_spanned!(s=> _)));
                quote_spanned!(s=> (#(#of,)*))
            }
            // The length may be a constant of the function's.
            Ty::Array(of, len) => {
                let (of, len) = (self.known_ty(of)?, Literal::usize_unsuffixed(len.parse().ok()?));
                quote_spanned!(s=> [#of; #len])
            }
            Ty::Float(Float::Inferred)
            | Ty::Lanes(_)
            | Ty::Int
            | Ty::Bool
            | Ty::Unit
            | Ty::Slice(_)
            | Ty::Ref { .. }
            | Ty::Pullback
            | Ty::Tape(_)
            | Ty::Opaque
            | Ty::Unknown => return None,
        })
    }
}

pub(super) fn is_copy(ty: &Ty) -> bool {
    match ty {
        Ty::Float(_) | Ty::Lanes(_) | Ty::Int | Ty::Bool | Ty::Unit => true,
        Ty::Array(of, _) => is_copy(of),
        Ty::Tuple(of) => of.iter().all(is_copy),
        _ => false,
    }
}

/// The operators, which `Punct`s spell.
fn operator(spelling: &str) -> TokenStream {
    spelling
        .chars()
        .map(|c| {
            let mut punct = proc_macro2::Punct::new(c, proc_macro2::Spacing::Alone);
            punct.set_span(site());
            TokenTree::Punct(punct)
        })
        .collect()
}

/// The suffix that gives a literal this type.
fn suffix(ty: &Ty) -> Option<&'static str> {
    match ty {
        Ty::Float(Float::F32) => Some("f32"),
        Ty::Float(Float::F64) => Some("f64"),
        _ => None,
    }
}

fn literal(lit: &Lit, suffix: Option<&str>) -> Tokens {
    let s = site();
    if let "true" | "false" = lit.text.as_str() {
        return Ident::new(&lit.text, s).to_token_stream();
    }
    let digits = lit.text.trim_start_matches('-').trim_start();
    let constant = match digits {
        "inf" => Some("INFINITY"),
        "NaN" => Some("NAN"),
        _ => None,
    };
    let number = if let Some(constant) = constant {
        let float = Ident::new(if suffix == Some("f32") { "f32" } else { "f64" }, s);
        let float = quote_spanned!(s=> ::core::primitive::#float);
        let constant = Ident::new(constant, s);
        quote_spanned!(s=> #float::#constant)
    } else {
        let is_plain =
            digits.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '_' | 'e' | 'E' | '-' | '+'));
        let is_float = digits.contains(['.', 'e', 'E']);
        let text = match suffix {
            Some(suffix) if is_plain && is_float && digits.ends_with('.') => format!("{digits}0_{suffix}"),
            Some(suffix) if is_plain && is_float => format!("{digits}_{suffix}"),
            _ => digits.to_owned(),
        };
        match text.parse::<Literal>() {
            Ok(mut literal) => {
                literal.set_span(s);
                literal.to_token_stream()
            }
            // Not a number: a named constant, whose text is its path.
            Err(_) => respan(text.parse().unwrap_or_default(), s),
        }
    };
    if lit.text.starts_with('-') { quote_spanned!(s=> -#number) } else { number }
}

pub(super) fn respan(tokens: TokenStream, span: Span) -> TokenStream {
    tokens
        .into_iter()
        .map(|mut tree| {
            tree.set_span(span);
            tree
        })
        .collect()
}

/// Whether rustc alone knows a part of the type: its tangent need not be `Copy` where it is.
pub(super) fn holds_unknown(ty: &Ty) -> bool {
    match ty {
        Ty::Unknown => true,
        Ty::Array(of, _) => holds_unknown(of),
        Ty::Tuple(of) => of.iter().any(holds_unknown),
        Ty::Slice(_)
        | Ty::Vec(_)
        | Ty::Tape(_)
        | Ty::Ref { .. }
        | Ty::Float(_)
        | Ty::Lanes(_)
        | Ty::Int
        | Ty::Bool
        | Ty::Unit
        | Ty::Opaque
        | Ty::Pullback => false,
    }
}

/// Whether being read does not copy it.
fn is_cloned(ty: &Ty) -> bool {
    match ty {
        Ty::Vec(_) | Ty::Opaque | Ty::Unknown => true,
        Ty::Array(of, _) => is_cloned(of),
        Ty::Tuple(of) => of.iter().any(is_cloned),
        _ => false,
    }
}
