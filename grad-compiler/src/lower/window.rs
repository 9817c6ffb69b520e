//! Parts of arrays that are changed: `let mut r = m.row_mut(i)`, `m.slice_mut(s![.., j]).fill(x)`.
//!
//! A window is no memory of its own. What is written through it are elements of the array, at indices that it knows, so that the
//! derivatives are those of stores; what reads it as a whole reads a copy.

use super::array_changed::{self, Target};
use super::build::Counted;
use super::call::{self, Argument};
use super::closure::Closure;
use super::location::Located;
use super::types::{Origin, Type};
use super::value::{CodeVal, Memory, Val};
use super::{Kind, Lower, code, expr, matrix, matrix_changed, method, own_operator, place};
use crate::ir::{Callee, Code, Init, Op, Operand, Place, Stmt};
use crate::matrix::{Form, array as table};
use proc_macro2::TokenStream;
use quote::quote;
use std::rc::Rc;
use syn::{Expr, ExprMethodCall};

/// A part of an array.
#[derive(Clone, Debug)]
pub(crate) struct Window {
    pub(super) of: Memory,
    /// What is taken of each axis of the array.
    axes: Vec<At>,
    /// Of a matrix of nalgebra: zeros for a copy, whose type the part has.
    zeros: Option<TokenStream>,
}

#[derive(Clone, Debug)]
enum At {
    /// One index.
    Only(Operand),
    /// So many from there on.
    From { start: Operand, len: Operand },
    /// All of them.
    All { len: Operand },
}

impl At {
    fn len(&self) -> Option<&Operand> {
        match self {
            At::Only(_) => None,
            At::From { len, .. } | At::All { len } => Some(len),
        }
    }
}

impl Window {
    pub(super) fn val(self) -> Val {
        Val::Closure(Rc::new(Closure::Window(Box::new(self))))
    }

    /// How long the axes are that it has.
    pub(super) fn lens(&self) -> Vec<Operand> {
        self.axes.iter().filter_map(At::len).cloned().collect()
    }

    /// How many axes it has.
    pub(super) fn axis_count(&self) -> usize {
        self.axes.iter().filter(|at| at.len().is_some()).count()
    }
}

/// A value that is one.
pub(super) fn of(val: &Val) -> Option<&Window> {
    match val {
        Val::Closure(closure) => match &**closure {
            Closure::Window(window) => Some(window),
            Closure::Function(_) | Closure::Iterator(..) | Closure::Cursor(_) | Closure::Optional(_) => None,
        },
        _ => None,
    }
}

/// All of an array of which it is known how many axes it has.
pub(super) fn whole(cx: &mut Lower<'_>, memory: &Memory) -> Option<Window> {
    let Form::Array(Some(axes)) = matrix::form(cx, &memory.ty) else { return None };
    let axes = (0..axes).map(|axis| At::All { len: length(cx, memory, axis) }).collect();
    Some(Window { of: memory.clone(), axes, zeros: None })
}

fn length(cx: &mut Lower<'_>, of: &Memory, axis: usize) -> Operand {
    let of = cx.place_tokens(&of.place);
    cx.push_let("len", Type::Int, Op::Code(Code::new(quote!(#of.shape()[#axis]), true).stopping()))
}

/// A part of a matrix of nalgebra: where it begins along both axes, and how long it is, if it is not one or all.
pub(super) fn of_part(
    cx: &mut Lower<'_>,
    memory: &Memory,
    starts: [Option<Operand>; 2],
    lens: [Option<Operand>; 2],
    zeros: TokenStream,
) -> Val {
    let [rows, columns] = ["nrows", "ncols"].map(|name| {
        let of = cx.place_tokens(&memory.place);
        let name = proc_macro2::Ident::new(name, cx.span);
        cx.push_let("len", Type::Int, Op::Code(Code::new(quote!(#of.#name()), true).stopping()))
    });
    let mut axes = Vec::new();
    for ((start, len), all) in starts.into_iter().zip(lens).zip([rows, columns]) {
        let Some(start) = start else {
            axes.push(At::All { len: all });
            continue;
        };
        let count = len.clone().unwrap_or_else(|| Operand::int(1));
        let [from, count, all] = [&start, &count, &all].map(|of| cx.operand_tokens(of));
        cx.push_effect(quote!(__grad_runtime::zeros::fit(#from, #count, #all);), Vec::new());
        axes.push(len.map_or(At::Only(start.clone()), |len| At::From { start, len }));
    }
    Window { of: memory.clone(), axes, zeros: Some(zeros) }.val()
}

/// `m.row_mut(i)`, of an array or of a window; `None` of other methods.
pub(super) fn narrowed(cx: &mut Lower<'_>, call: &ExprMethodCall, window: &Window) -> Option<Val> {
    let args: Vec<&Expr> = call.args.iter().collect();
    if window.zeros.is_some() && call.method != "__grad_element" {
        return None;
    }
    Some(match (call.method.to_string().as_str(), &args[..]) {
        ("view_mut" | "reborrow", []) => window.clone().val(),
        // An item of `r.iter_mut()`.
        ("__grad_element", [at]) => {
            let at = expr::lower(cx, at);
            let at = cx.as_int(at);
            let element = item(cx, window, &[at]);
            Val::reference(true, element)
        }
        ("row_mut", [at]) if window.axis_count() == 2 => at_index(cx, window, 0, at),
        ("column_mut", [at]) if window.axis_count() == 2 => at_index(cx, window, 1, at),
        ("index_axis_mut", [axis, at]) => match table::axis(axis) {
            Some(axis) if axis < window.axis_count() => at_index(cx, window, axis, at),
            _ => refuse_axis(cx, axis),
        },
        ("slice_mut", [slice]) => slice_of(cx, window, slice),
        _ => return None,
    })
}

/// An axis that is not written as a number.
pub(super) fn refuse_axis(cx: &mut Lower<'_>, axis: &Expr) -> Val {
    cx.reject(
        Kind::UnknownMethod,
        axis,
        "which axis this is must be known where the function is compiled",
        "write it as a number, `Axis(0)`",
    )
}

fn at_index(cx: &mut Lower<'_>, window: &Window, axis: usize, at: &Expr) -> Val {
    cx.operands(&[at], &|cx, at| expr::lower(cx, at), |cx, mut vals| {
        let at = cx.as_int(vals.pop().unwrap_or(Val::Never));
        only(cx, window, axis, at).val()
    })
}

/// One index along an axis that the window has.
pub(super) fn only(cx: &mut Lower<'_>, window: &Window, axis: usize, at: Operand) -> Window {
    let mut window = window.clone();
    let Some(axis) = nth_axis(&window, axis) else { return window };
    let at = index_along(cx, &window.axes[axis], at, Some(quote!(__grad_runtime::ndarray)));
    window.axes[axis] = At::Only(at);
    window
}

/// Where the axis of that number is among those of the array.
fn nth_axis(window: &Window, axis: usize) -> Option<usize> {
    window.axes.iter().enumerate().filter(|(_, at)| at.len().is_some()).map(|(at, _)| at).nth(axis)
}

/// From there on, so many, along an axis that the window has.
pub(super) fn narrow(window: &Window, axis: usize, start: Operand, len: Operand) -> Window {
    let mut window = window.clone();
    if let Some(axis) = nth_axis(&window, axis) {
        window.axes[axis] = At::From { start, len };
    }
    window
}

/// The index of the array, of one along an axis of the window. `check`: it may not be there, which the library says.
fn index_along(cx: &mut Lower<'_>, along: &At, k: Operand, check: Option<TokenStream>) -> Operand {
    match along {
        At::Only(at) => at.clone(),
        At::All { .. } => k,
        At::From { start, len } => {
            let [start, len, k] = [start, len, &k].map(|of| cx.operand_tokens(of));
            let k = check.map_or(k.clone(), |of| quote!(#of::within(#k, #len)));
            cx.push_let("at", Type::Int, Op::Code(Code::new(quote!(#start + #k), true).stopping()))
        }
    }
}

/// `s![1.., i]`
fn slice_of(cx: &mut Lower<'_>, window: &Window, slice: &Expr) -> Val {
    let parts = table::slice_parts(slice).filter(|parts| parts.len() == window.axis_count());
    let kept = parts.map(|parts| cx.keep(slice, &syn::parse_quote!([#(#parts),*])));
    let Some(Expr::Array(syn::ExprArray { elems: parts, .. })) =
        kept.as_deref().and_then(|kept| kept.first())
    else {
        return cx.reject(
            Kind::UnknownMethod,
            slice,
            "what is changed here is a slice with a step, a new axis, or one that is not written here",
            "write the ranges themselves, `s![1.., i]`, one for each axis; or a loop over indices",
        );
    };
    if cx.refuse_exits(parts.iter()) {
        return Val::Never;
    }
    let mut result = window.clone();
    for (axis, part) in parts.iter().enumerate() {
        let Some(at) = nth_axis(window, axis) else { continue };
        let Some(len) = window.axes[at].len().cloned() else { continue };
        let (tokens, len) = (code::substitute(cx, part).tokens, cx.operand_tokens(&len));
        let tokens = expr::without_parens(tokens);
        if !matches!(super::flow::bare(part), Expr::Range(_)) {
            let index = quote!(__grad_runtime::ndarray::index(#tokens, #len));
            let index = cx.push_let("at", Type::Int, Op::Code(Code::new(index, true).stopping()));
            result.axes[at] = At::Only(index_along(cx, &window.axes[at], index, None));
            continue;
        }
        if matches!(super::flow::bare(part), Expr::Range(range) if range.start.is_none() && range.end.is_none())
        {
            continue;
        }
        let range = Code::new(quote!(__grad_runtime::ndarray::range(#tokens, #len)), true).stopping();
        let range = cx.push_let("range", Type::Opaque, Op::Code(range));
        let range = cx.operand_tokens(&range);
        let [start, len] = [("start", quote!(#range.0)), ("len", quote!(#range.1))]
            .map(|(name, of)| cx.push_let(name, Type::Int, Op::Code(Code::new(of, true).stopping())));
        let start = index_along(cx, &window.axes[at], start, None);
        result.axes[at] = At::From { start, len };
    }
    result.val()
}

/// The place of an element.
fn place_at(cx: &mut Lower<'_>, window: &Window, ks: &[Operand], checked: bool) -> Val {
    let library = match &window.zeros {
        Some(_) => quote!(__grad_runtime::zeros),
        None => quote!(__grad_runtime::ndarray),
    };
    let check = checked.then_some(library);
    let mut ks = ks.iter();
    let at: Vec<Operand> = window
        .axes
        .iter()
        .map(|along| match along {
            At::Only(at) => at.clone(),
            along => {
                let k = ks.next().cloned().unwrap_or_else(|| Operand::int(0));
                index_along(cx, along, k, check.clone())
            }
        })
        .collect();
    element(cx, &window.of, &at)
}

/// `m[[i, j]]`
pub(super) fn element(cx: &mut Lower<'_>, of: &Memory, at: &[Operand]) -> Val {
    let at = match at {
        [at] => at.clone(),
        at => {
            let at = at.iter().map(|at| cx.operand_tokens(at)).collect::<Vec<_>>();
            let at = match matrix::form(cx, &of.ty) {
                Form::Nalgebra => quote!((#(#at),*)),
                Form::Array(_) | Form::Glam | Form::Unknown => quote!([#(#at),*]),
            };
            cx.push_let("at", Type::Opaque, Op::Code(Code::new(at, true)))
        }
    };
    cx.element_at(of, at)
}

/// An element of it.
pub(super) fn item(cx: &mut Lower<'_>, window: &Window, ks: &[Operand]) -> Val {
    place_at(cx, window, ks, false)
}

/// `r[k]`, `r[[i, j]]`
pub(super) fn index(cx: &mut Lower<'_>, window: &Window, at: Val) -> Val {
    let ks: Vec<Operand> = match at {
        Val::Tuple(of) if window.zeros.is_some() => {
            // Of an axis of which there is one index, that is 0.
            let mut ks = Vec::new();
            for (at, along) in of.into_iter().zip(&window.axes) {
                let at = cx.as_int(at);
                if along.len().is_some() {
                    ks.push(at);
                } else {
                    let at = cx.operand_tokens(&at);
                    cx.push_effect(quote!(__grad_runtime::zeros::fit(#at, 1, 1);), Vec::new());
                }
            }
            ks
        }
        at @ (Val::Scalar(..) | Val::Code(_) | Val::Local(_) | Val::Cell(..))
            if window.zeros.is_some() && window.axis_count() == 2 =>
        {
            let at = cx.as_int(at);
            let [at, rows] = [&at, &window.lens()[0]].map(|of| cx.operand_tokens(of));
            [quote!(#at % #rows), quote!(#at / #rows)]
                .map(|k| cx.push_let("at", Type::Int, Op::Code(Code::new(k, true).stopping())))
                .into()
        }
        Val::Tuple(of) => of.into_iter().map(|at| cx.as_int(at)).collect(),
        at => vec![cx.as_int(at)],
    };
    place_at(cx, window, &ks, true)
}

/// Does something at every index of so many axes, the last one running fastest.
pub(super) fn each(cx: &mut Lower<'_>, lens: &[Operand], body: &mut dyn FnMut(&mut Lower<'_>, &[Operand])) {
    fn along(
        cx: &mut Lower<'_>,
        lens: &[Operand],
        ks: &mut Vec<Operand>,
        body: &mut dyn FnMut(&mut Lower<'_>, &[Operand]),
    ) {
        let Some(len) = lens.get(ks.len()) else {
            body(cx, ks);
            return;
        };
        let name = ["i", "j", "k"].get(ks.len()).copied().unwrap_or("at");
        cx.counted_loop(Counted::up_to(len.clone(), name), None, |cx, k| {
            let k = cx.as_int(k);
            ks.push(k);
            along(cx, lens, ks, body);
            ks.pop();
        });
    }
    along(cx, lens, &mut Vec::new(), body);
}

/// A copy.
pub(super) fn copy<T>(cx: &mut Lower<'_>, window: &Window, node: &T) -> Val {
    if let Some(zeros) = &window.zeros {
        return copy_of_matrix(cx, window, zeros);
    }
    let span = cx.span;
    let runtime = |name: &str| {
        let name = proc_macro2::Ident::new(name, span);
        quote!(__grad_runtime::ndarray::#name)
    };
    let (of_trait, function, at) = match &window.axes[..] {
        [At::Only(i), At::All { .. }] => ("Row", "row", cx.operand_tokens(i)),
        [At::All { .. }, At::Only(j)] => ("Column", "column", cx.operand_tokens(j)),
        axes => {
            let count = window.axis_count();
            let axes: Vec<TokenStream> = axes
                .iter()
                .map(|at| match at {
                    At::Only(at) => {
                        let at = cx.operand_tokens(at);
                        quote!((#at, ::core::option::Option::None))
                    }
                    At::From { start, len } => {
                        let (start, len) = (cx.operand_tokens(start), cx.operand_tokens(len));
                        quote!((#start, ::core::option::Option::Some(#len)))
                    }
                    At::All { len } => {
                        let len = cx.operand_tokens(len);
                        quote!((0, ::core::option::Option::Some(#len)))
                    }
                })
                .collect();
            let all = axes.len();
            ("Part", "part", quote!(__grad_runtime::ndarray::window::<#all, #count>([#(#axes),*])))
        }
    };
    let callee = Callee::Operator { of_trait, written: runtime(function) };
    let at = Val::Code(CodeVal { tokens: at, ty: Type::Opaque, cheap: true, typed: true });
    let operands = [Val::reference(false, Val::Memory(window.of.clone())), at];
    let args = operands.map(|val| Argument { val, span, by_name: true });
    let of = matrix::element(cx, &window.of.ty).unwrap_or_else(|| cx.types.fresh(Origin::Float));
    let ty = cx.type_at(node, Origin::Call);
    cx.types.unify(&ty, &cx.types.matrix(of, Form::Array(Some(window.axis_count()))));
    call::apply_callee(cx, callee, span, args.into(), node, true)
}

/// The same of a part of a matrix of nalgebra.
fn copy_of_matrix(cx: &mut Lower<'_>, window: &Window, zeros: &TokenStream) -> Val {
    let code = Code::new(zeros.clone(), false).stopping();
    let Val::Memory(to) = cx.push_alloc("part", window.of.ty.clone(), Init::Point(code)) else {
        return Val::Never;
    };
    cx.vars[to.place.root.index()].mutable = true;
    each(cx, &window.lens(), &mut |cx, ks| {
        let from = item(cx, window, ks);
        let from = cx.rvalue(from);
        store_at(cx, &to, ks, from);
    });
    Val::Memory(to)
}

/// Lends what is changed to a function, `f(m.row_mut(i))`: of a part a copy, which is to be written back behind the call.
pub(super) fn passed<T>(cx: &mut Lower<'_>, node: &T, args: &mut [Argument]) -> Vec<(Window, Val)> {
    let mut parts = Vec::new();
    if !args.iter().any(|arg| of(&arg.val).is_some()) {
        return parts;
    }
    // Each copy has a type of its own.
    let units = args.iter().map(|_| quote!(()));
    let nodes = cx.keep(node, &syn::parse_quote!([#(#units),*]));
    for (at, arg) in args.iter_mut().enumerate() {
        let Some(window) = of(&arg.val).cloned() else { continue };
        if window.axes.iter().all(|at| matches!(at, At::All { .. })) {
            arg.val = Val::reference(true, Val::Memory(window.of));
            continue;
        }
        let Some(Expr::Array(nodes)) = nodes.first() else { continue };
        let outer = std::mem::replace(&mut cx.span, arg.span);
        let copy = copy(cx, &window, &nodes.elems[at]);
        cx.span = outer;
        if let Val::Memory(memory) = &copy {
            cx.vars[memory.place.root.index()].mutable = true;
        }
        arg.val = Val::reference(true, copy.clone());
        parts.push((window, copy));
    }
    parts
}

/// Stores what another array has, which is of the same shape.
pub(super) fn write(cx: &mut Lower<'_>, window: &Window, from: &Val) {
    let from = place::peel_place(cx, from.clone());
    let from = match cx.settle(from) {
        Val::Memory(from) => from,
        Val::Never => return,
        _ => {
            let span = cx.span;
            refuse_axes(cx, span);
            return;
        }
    };
    each(cx, &window.lens(), &mut |cx, ks| {
        let val = element(cx, &from, ks);
        store(cx, window, ks, val);
    });
}

/// Stores what another array has into all of one that is only looked at: no other array can be in its place.
pub(super) fn write_all(cx: &mut Lower<'_>, to: &Memory, from: Val) {
    let from = match from {
        // A constant is another array before it is copied.
        Val::Code(code) => cx.push_alloc("value", to.ty.clone(), Init::Code(Code::new(code.tokens, false))),
        from => from,
    };
    match whole(cx, to) {
        Some(window) => write(cx, &window, &from),
        None => {
            let span = cx.span;
            refuse_axes(cx, span);
        }
    }
}

pub(super) fn store(cx: &mut Lower<'_>, window: &Window, ks: &[Operand], val: Val) {
    let val = cx.rvalue(val);
    let (value, ty) = cx.as_float(val);
    if let Some(of) = matrix::element(cx, &window.of.ty) {
        cx.types.unify(&of, &ty);
    }
    if let Some(place) = stored(cx, window, ks) {
        cx.push(Stmt::Store { place, value });
    }
}

fn stored(cx: &mut Lower<'_>, window: &Window, ks: &[Operand]) -> Option<Place> {
    match item(cx, window, ks) {
        Val::Memory(memory) => Some(memory.place),
        _ => None,
    }
}

/// A method of a window.
pub(super) fn lower_method(
    cx: &mut Lower<'_>,
    call: &ExprMethodCall,
    window: &Window,
    outer: &[&ExprMethodCall],
) -> Val {
    let name = call.method.to_string();
    if let Some(narrowed) = narrowed(cx, call, window) {
        return narrowed;
    }
    if array_changed::is_one(&name, call.args.len()) {
        return array_changed::lower(cx, call, &Target::Part(window.clone()));
    }
    if call.args.is_empty()
        && let Some(asked) = asked(cx, &name, window)
    {
        return asked;
    }
    if window.zeros.is_some() && matrix_changed::changes(&name, call.args.len()) {
        let copy = copy(cx, window, &call.dot_token);
        let val = method::lower_one(cx, call, copy.clone(), outer);
        write(cx, window, &copy);
        return val;
    }
    if name.ends_with("_mut") {
        return cx.reject(
            Kind::UnknownMethod,
            &call.method,
            &format!("`{name}` of a view that is changed is not followed"),
            "change its elements in a loop over indices, `r[k] = …`",
        );
    }
    let copy = copy(cx, window, &call.dot_token);
    if matches!(copy, Val::Never) {
        return Val::Never;
    }
    method::lower_one(cx, call, Val::reference(false, copy), outer)
}

/// What tells of the shape.
fn asked(cx: &mut Lower<'_>, name: &str, window: &Window) -> Option<Val> {
    let mut lens = window.lens();
    if window.zeros.is_some() && matches!(name, "nrows" | "ncols" | "shape") {
        lens = window.axes.iter().map(|at| at.len().cloned().unwrap_or_else(|| Operand::int(1))).collect();
    }
    let int = |len: &Operand| Val::Scalar(len.clone(), Type::Int);
    Some(match (name, &lens[..]) {
        ("shape", lens) if window.zeros.is_some() => Val::Tuple(lens.iter().map(int).collect()),
        ("len" | "dim", [len]) | ("nrows", [len, _]) | ("ncols", [_, len]) => int(len),
        ("dim", lens) => Val::Tuple(lens.iter().map(int).collect()),
        ("len", lens) => {
            let lens = lens.iter().map(|len| cx.operand_tokens(len));
            let count = lens.reduce(|a, b| quote!(#a * #b))?;
            Val::Scalar(cx.push_let("len", Type::Int, Op::Code(Code::new(count, true))), Type::Int)
        }
        _ => return None,
    })
}

/// `r += &x`, and its like: `r = &r + &x`, of all elements.
pub(super) fn compound(
    cx: &mut Lower<'_>,
    window: &Window,
    plain: &'static crate::operator::Operator,
    binary: &syn::ExprBinary,
    right: &Val,
) {
    let left = Val::reference(false, copy(cx, window, &binary.op));
    let operands = [(&left, binary.left.location()), (right, binary.right.location())];
    let is_lent = super::ops::is_lent(&binary.right);
    match own_operator::lower(cx, plain, &operands, binary, cx.span, is_lent) {
        Some(val) => write(cx, window, &val),
        None => {
            cx.reject(
                Kind::UnknownMethod,
                binary,
                "this operator of a view that is changed is not followed",
                "write a loop over the indices, `r[k] += …`",
            );
        }
    }
}

/// What a method gives of a whole array that is changed.
pub(super) fn of_all(cx: &mut Lower<'_>, call: &ExprMethodCall, memory: &Memory) -> Val {
    if matches!(call.method.to_string().as_str(), "row_mut" | "column_mut") {
        let of = cx.types.fresh(Origin::Float);
        cx.types.unify(&memory.ty, &cx.types.matrix(of, Form::Array(Some(2))));
    }
    let whole = whole(cx, memory);
    whole
        .and_then(|whole| narrowed(cx, call, &whole))
        .unwrap_or_else(|| refuse_axes(cx, call.receiver.location()))
}

/// How many axes there are must be known.
pub(super) fn refuse_axes(cx: &mut Lower<'_>, span: proc_macro2::Span) -> Val {
    cx.reject_at(
        Kind::UnknownMethod,
        span,
        "how many axes this array has is not known here",
        "write its type, `let m: &mut Array2<f64> = …`",
    );
    Val::Never
}

/// `m[[i, j]] = x`
pub(super) fn store_at(cx: &mut Lower<'_>, of: &Memory, at: &[Operand], val: Val) {
    let (value, ty) = cx.as_float(val);
    if let Some(of) = matrix::element(cx, &of.ty) {
        cx.types.unify(&of, &ty);
    }
    if let Val::Memory(memory) = element(cx, of, at) {
        cx.push(Stmt::Store { place: memory.place, value });
    }
}
