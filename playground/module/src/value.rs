//! Values of the interpreter: read from what people type, written for the page.

use crate::file::File;
use crate::json;
use crate::types::{self, Types};
use grad_compiler::interp::Datum;
use grad_compiler::ir::{Func, Ty};
use syn::{FnArg, Type};

/// The type of each parameter as it is written.
pub(crate) fn written<'f>(file: &'f File, func: &Func) -> Vec<Option<&'f Type>> {
    let inputs = &file.function().item.sig.inputs;
    let ty = |position: usize| match inputs.iter().nth(position) {
        Some(FnArg::Typed(typed)) => Some(&*typed.ty),
        Some(FnArg::Receiver(_)) | None => None,
    };
    func.params.iter().map(|param| ty(param.position)).collect()
}

/// The arguments of a call, as Rust writes them: `0.5, [1.0, 2.0], 3`. What a parameter expects tells numbers apart.
pub(crate) fn arguments(text: &str, func: &Func, file: &File) -> Result<Vec<Datum>, String> {
    let types: Vec<&Ty> = func.params.iter().map(|param| func.ty(param.var)).collect();
    let mut typed = Reader { rest: text };
    let mut values = Vec::new();
    typed.skip_space();
    while !typed.rest.is_empty() {
        values.push(typed.value()?);
        typed.skip_space();
        if !typed.eat(',') && !typed.rest.is_empty() {
            return Err(format!("a comma is missing in front of `{}`", typed.rest));
        }
        typed.skip_space();
    }
    // One array may be written as its numbers.
    if let [ty] = types[..]
        && matches!(ty.peeled(), Ty::Array(..) | Ty::Slice(_) | Ty::Vec(_))
        && values.iter().all(|value| !matches!(value, Datum::List(_)))
    {
        values = vec![Datum::List(values)];
    }
    if values.len() != types.len() {
        return Err(format!(
            "`{}` has {} parameters, and here are {} values",
            func.name,
            types.len(),
            values.len()
        ));
    }
    let written = written(file, func);
    let fitted = |((value, ty), written)| fitted(of_own(value, written, &file.types)?, ty);
    values.into_iter().zip(types).zip(written).map(fitted).collect()
}

/// The value with the floats that the fields of its types are.
fn of_own(value: Datum, ty: Option<&Type>, types: &Types) -> Result<Datum, String> {
    let Some(ty) = ty else { return Ok(value) };
    match value {
        Datum::Record { of, fields } => {
            let Some((name, known)) = types.fields(ty) else {
                return Err(format!("`{of}` is not wanted here"));
            };
            if name != of {
                return Err(format!("a `{name}` is wanted here, not a `{of}`"));
            }
            if let Some((missing, _)) =
                known.iter().find(|(name, _)| fields.iter().all(|(field, _)| field != name))
            {
                return Err(format!("the field `{missing}` of `{of}` is missing"));
            }
            let fields = fields.into_iter().map(|(field, value)| {
                let found = known.iter().find(|(name, _)| *name == field);
                let (_, ty) = found.ok_or_else(|| format!("`{of}` has no field `{field}`"))?;
                Ok((field, of_own(value, Some(ty), types)?))
            });
            Ok(Datum::Record { fields: fields.collect::<Result<_, String>>()?, of })
        }
        Datum::List(items) => {
            let of = types::element(ty);
            items.into_iter().map(|item| of_own(item, of, types)).collect::<Result<_, _>>().map(Datum::List)
        }
        Datum::Int(value) if types::is_float(ty) => Ok(Datum::Float(value as f64)),
        value => Ok(value),
    }
}

/// The value as one of this type.
fn fitted(value: Datum, ty: &Ty) -> Result<Datum, String> {
    match (ty, value) {
        (Ty::Ref { to, .. }, value) => fitted(value, to),
        (Ty::Float(_) | Ty::Unknown, Datum::Int(value)) => Ok(Datum::Float(value as f64)),
        (Ty::Float(_), value @ Datum::Float(_))
        | (Ty::Int, value @ Datum::Int(_))
        | (Ty::Bool, value @ Datum::Bool(_))
        | (Ty::Unknown, value) => Ok(value),
        // A constant, of which the function reads what is typed of it.
        (Ty::Opaque, value @ (Datum::Record { .. } | Datum::List(_))) => Ok(value),
        (Ty::Opaque, _) => Ok(Datum::Opaque),
        (Ty::Array(of, len), Datum::List(items)) => {
            if len.parse().is_ok_and(|len: usize| len != items.len()) {
                return Err(format!("an array of {len} numbers is wanted, and here are {}", items.len()));
            }
            items.into_iter().map(|item| fitted(item, of)).collect::<Result<_, _>>().map(Datum::List)
        }
        (Ty::Slice(of) | Ty::Vec(of), Datum::List(items)) => {
            items.into_iter().map(|item| fitted(item, of)).collect::<Result<_, _>>().map(Datum::List)
        }
        (Ty::Tuple(of), Datum::List(items)) if of.len() == items.len() => items
            .into_iter()
            .zip(of)
            .map(|(item, ty)| fitted(item, ty))
            .collect::<Result<_, _>>()
            .map(Datum::List),
        (Ty::Int, Datum::Float(value)) => Err(format!("an integer is wanted, not {value}")),
        (_, value) => Err(format!("{} is no value for this parameter", text(&value))),
    }
}

/// Something to start from, for a parameter of this type, which is `written` somehow.
pub(crate) fn sample(written: Option<&Type>, ty: &Ty, number: usize, types: &Types) -> String {
    let Some(written) = written else { return sample_of(ty, number) };
    if let Some((name, fields)) = types.fields(written) {
        let fields = fields.iter().enumerate().map(|(k, (field, ty))| {
            format!("{field}: {}", sample(Some(ty), &Ty::Unknown, number + k, types))
        });
        return format!("{name} {{ {} }}", fields.collect::<Vec<_>>().join(", "));
    }
    match (types::element(written), ty.peeled()) {
        (Some(of), Ty::Array(ty, len)) => {
            row_of((0..len.parse().unwrap_or(3).min(64)).map(|k| sample(Some(of), ty, k, types)))
        }
        (Some(of), Ty::Slice(ty) | Ty::Vec(ty)) => row_of((0..3).map(|k| sample(Some(of), ty, k, types))),
        (Some(of), _) => row_of((0..3).map(|k| sample(Some(of), &Ty::Unknown, k, types))),
        (None, _) => sample_of(ty, number),
    }
}

fn sample_of(ty: &Ty, number: usize) -> String {
    let float = |k: usize| format!("{:?}", [0.7, 1.3, -0.4, 0.9, 1.8][k % 5]);
    match ty {
        Ty::Float(_) | Ty::Unknown | Ty::Lanes(_) => float(number),
        Ty::Int => "3".to_owned(),
        Ty::Bool => "true".to_owned(),
        Ty::Array(of, len) => row(of, len.parse().unwrap_or(3)),
        Ty::Slice(of) | Ty::Vec(of) => row(of, 3),
        Ty::Tuple(of) => row_of(of.iter().enumerate().map(|(k, ty)| sample_of(ty, k))),
        Ty::Ref { to, .. } => sample_of(to, number),
        Ty::Unit | Ty::Pullback | Ty::Tape(_) | Ty::Opaque => "0".to_owned(),
    }
}

fn row(of: &Ty, len: usize) -> String {
    row_of((0..len.min(64)).map(|k| sample_of(of, k)))
}

fn row_of(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(", "))
}

/// The call of the gradient at these arguments.
pub(crate) fn call(text: &str, name: &str, args: &str) -> String {
    let failed = |why: &str| json::object([("failed", json::string(why))]);
    let Ok(read) = File::read(text, name) else { return failed("the function has an error") };
    let Ok((_, _, passes)) = read.function().derived(false) else {
        return failed("the function has an error");
    };
    let values = match arguments(args, &passes.primal, &read) {
        Ok(values) => values,
        Err(why) => return failed(&why),
    };
    let types = written(&read, &passes.primal);
    let args = types.iter().zip(&values).map(|(ty, value)| literal(*ty, value)).collect::<Vec<_>>();
    let name = read.function().name();
    let call = match (name.split_once("::"), &args[..]) {
        // `self` is a reference to a value that a method can be called on.
        (Some((_, method)), [this, rest @ ..]) if read.function().takes_self() => {
            format!("{}.{method}_value_and_grad({})", this.trim_start_matches(['&', ' ']), rest.join(", "))
        }
        (Some((of, function)), args) => format!("{of}::{function}_value_and_grad({})", args.join(", ")),
        (None, args) => format!("{name}::value_and_grad({})", args.join(", ")),
    };
    json::object([("call", json::string(&call))])
}

/// The value as Rust writes one of this type.
fn literal(ty: Option<&Type>, value: &Datum) -> String {
    let all = |of: Option<&Type>, items: &[Datum]| {
        items.iter().map(|item| literal(of, item)).collect::<Vec<_>>().join(", ")
    };
    match (ty, value) {
        (Some(Type::Paren(paren)), value) => literal(Some(&paren.elem), value),
        (Some(Type::Group(group)), value) => literal(Some(&group.elem), value),
        (Some(Type::Reference(reference)), value) => {
            let mutable = if reference.mutability.is_some() { "mut " } else { "" };
            format!("&{mutable}{}", literal(Some(&reference.elem), value))
        }
        (Some(Type::Tuple(tuple)), Datum::List(items)) => {
            let items = tuple.elems.iter().zip(items).map(|(ty, item)| literal(Some(ty), item));
            format!("({})", items.collect::<Vec<_>>().join(", "))
        }
        (Some(ty @ Type::Path(_)), Datum::List(items))
            if types::name(ty).is_some_and(|name| name == "Vec") =>
        {
            format!("vec![{}]", all(types::element(ty), items))
        }
        (ty, Datum::List(items)) => format!("[{}]", all(ty.and_then(types::element), items)),
        (_, Datum::Record { of, fields }) => {
            let fields = fields.iter().map(|(name, field)| format!("{name}: {}", literal(None, field)));
            format!("{of} {{ {} }}", fields.collect::<Vec<_>>().join(", "))
        }
        (_, Datum::Float(value)) => format!("{value:?}"),
        (_, other) => text(other),
    }
}

struct Reader<'t> {
    rest: &'t str,
}

impl Reader<'_> {
    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn eat(&mut self, wanted: char) -> bool {
        self.rest.strip_prefix(wanted).is_some_and(|rest| {
            self.rest = rest;
            true
        })
    }

    fn value(&mut self) -> Result<Datum, String> {
        self.skip_space();
        self.rest = self.rest.trim_start_matches('&');
        for (open, close) in [('[', ']'), ('(', ')')] {
            if self.eat(open) {
                let mut items = Vec::new();
                self.skip_space();
                while !self.eat(close) {
                    items.push(self.value()?);
                    self.skip_space();
                    self.eat(',');
                    self.skip_space();
                    if self.rest.is_empty() {
                        return Err(format!("`{close}` is missing"));
                    }
                }
                return Ok(Datum::List(items));
            }
        }
        let end =
            self.rest.find(|c: char| matches!(c, ',' | ']' | ')' | '{' | '}' | ':') || c.is_whitespace());
        let (word, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        if word.starts_with(char::is_alphabetic) {
            self.skip_space();
            if self.eat('{') {
                return self.record(word);
            }
        }
        let plain = word.replace('_', "").replace('−', "-");
        match (plain.as_str(), plain.parse::<i64>(), plain.parse::<f64>()) {
            ("true", ..) => Ok(Datum::Bool(true)),
            ("false", ..) => Ok(Datum::Bool(false)),
            (_, Ok(value), _) => Ok(Datum::Int(value.into())),
            (_, _, Ok(value)) => Ok(Datum::Float(value)),
            _ => Err(format!("`{word}` is no number")),
        }
    }
}

impl Reader<'_> {
    /// The fields of a value of a type, behind the bracket.
    fn record(&mut self, of: &str) -> Result<Datum, String> {
        let mut fields = Vec::new();
        self.skip_space();
        while !self.eat('}') {
            let Some((name, rest)) = self.rest.split_once(':') else {
                return Err(format!("`}}` of `{of}` is missing"));
            };
            self.rest = rest;
            fields.push((name.trim().to_owned(), self.value()?));
            self.skip_space();
            self.eat(',');
            self.skip_space();
        }
        Ok(Datum::Record { of: of.to_owned(), fields })
    }
}

/// As people read it.
pub(crate) fn text(value: &Datum) -> String {
    match value {
        Datum::Float(value) => number(*value),
        Datum::Int(value) => value.to_string(),
        Datum::Bool(value) => value.to_string(),
        Datum::Unit => "()".to_owned(),
        Datum::List(items) if items.len() > 8 => {
            let first: Vec<String> = items.iter().take(6).map(text).collect();
            format!("[{}, … {} in all]", first.join(", "), items.len())
        }
        Datum::List(items) => format!("[{}]", items.iter().map(text).collect::<Vec<_>>().join(", ")),
        Datum::Record { of, fields } => {
            let fields = fields.iter().map(|(name, field)| format!("{name}: {}", text(field)));
            format!("{of} {{ {} }}", fields.collect::<Vec<_>>().join(", "))
        }
        Datum::Pullback(_) => "a pullback".to_owned(),
        Datum::Opaque => "?".to_owned(),
    }
}

/// Five digits, which are enough to follow a calculation.
fn number(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 || (1e-3..1e6).contains(&size) {
        let text = format!("{value:.*}", if size >= 100.0 { 2 } else { 4 });
        let text = text.trim_end_matches('0');
        text.strip_suffix('.').map_or(text.to_owned(), |whole| format!("{whole}.0"))
    } else if value.is_finite() {
        format!("{value:.3e}")
    } else {
        format!("{value}")
    }
}

/// A number as JSON has it: none for what is not finite.
pub(crate) fn float(value: f64) -> String {
    if value.is_finite() { format!("{value:e}") } else { "null".to_owned() }
}

/// All numbers in it, as JSON.
pub(crate) fn floats(value: &Datum) -> String {
    json::list(value.all_floats().into_iter().map(float))
}
