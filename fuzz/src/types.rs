//! The types that generated programs have.

/// A struct of the program's own whose floats are differentiated.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Struct {
    Body,
    Layer,
}

impl Struct {
    pub const ALL: [Struct; 2] = [Struct::Body, Struct::Layer];

    pub fn name(self) -> &'static str {
        match self {
            Struct::Body => "Body",
            Struct::Layer => "Layer",
        }
    }

    pub fn fields(self) -> Vec<(&'static str, Ty)> {
        match self {
            Struct::Body => vec![("m", Ty::F64), ("at", Ty::array(Ty::F64, 2))],
            Struct::Layer => vec![("w", Ty::vec(Ty::F64)), ("b", Ty::F64), ("n", Ty::Usize)],
        }
    }
}

/// A type without the reference around it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Ty {
    F64,
    F32,
    Usize,
    I32,
    Bool,
    Array(Box<Ty>, usize),
    Vec(Box<Ty>),
    /// Only behind a reference.
    Slice(Box<Ty>),
    Tuple(Vec<Ty>),
    Unit,
    /// `State`, a struct of the program's own that is a constant.
    Own,
    Struct(Struct),
}

impl Ty {
    pub fn array(of: Ty, len: usize) -> Ty {
        Ty::Array(Box::new(of), len)
    }
    pub fn vec(of: Ty) -> Ty {
        Ty::Vec(Box::new(of))
    }
    pub fn slice(of: Ty) -> Ty {
        Ty::Slice(Box::new(of))
    }
    pub fn pair(a: Ty, b: Ty) -> Ty {
        Ty::Tuple(vec![a, b])
    }

    pub fn text(&self) -> String {
        match self {
            Ty::F64 => "f64".into(),
            Ty::F32 => "f32".into(),
            Ty::Usize => "usize".into(),
            Ty::I32 => "i32".into(),
            Ty::Bool => "bool".into(),
            Ty::Array(of, len) => format!("[{}; {len}]", of.text()),
            Ty::Vec(of) => format!("Vec<{}>", of.text()),
            Ty::Slice(of) => format!("[{}]", of.text()),
            Ty::Tuple(parts) => {
                format!("({})", parts.iter().map(Ty::text).collect::<Vec<_>>().join(", "))
            }
            Ty::Unit => "()".into(),
            Ty::Own => "State".into(),
            Ty::Struct(of) => of.name().into(),
        }
    }

    pub fn is_copy(&self) -> bool {
        match self {
            Ty::F64 | Ty::F32 | Ty::Usize | Ty::I32 | Ty::Bool | Ty::Unit => true,
            Ty::Array(of, _) => of.is_copy(),
            Ty::Vec(_) | Ty::Slice(_) | Ty::Own => false,
            Ty::Tuple(parts) => parts.iter().all(Ty::is_copy),
            Ty::Struct(of) => of.fields().iter().all(|(_, ty)| ty.is_copy()),
        }
    }

    pub fn is_float(&self) -> bool {
        matches!(self, Ty::F64 | Ty::F32)
    }

    pub fn holds_floats(&self) -> bool {
        match self {
            Ty::F64 | Ty::F32 | Ty::Struct(_) => true,
            Ty::Usize | Ty::I32 | Ty::Bool | Ty::Unit | Ty::Own => false,
            Ty::Array(of, _) | Ty::Vec(of) | Ty::Slice(of) => of.holds_floats(),
            Ty::Tuple(parts) => parts.iter().any(Ty::holds_floats),
        }
    }

    pub fn holds_single(&self) -> bool {
        match self {
            Ty::F32 => true,
            Ty::F64 | Ty::Usize | Ty::I32 | Ty::Bool | Ty::Unit | Ty::Own | Ty::Struct(_) => false,
            Ty::Array(of, _) | Ty::Vec(of) | Ty::Slice(of) => of.holds_single(),
            Ty::Tuple(parts) => parts.iter().any(Ty::holds_single),
        }
    }

    /// Whether it has a struct in it whose floats are differentiated.
    pub fn holds_struct(&self) -> bool {
        match self {
            Ty::Struct(_) => true,
            Ty::F64 | Ty::F32 | Ty::Usize | Ty::I32 | Ty::Bool | Ty::Unit | Ty::Own => false,
            Ty::Array(of, _) | Ty::Vec(of) | Ty::Slice(of) => of.holds_struct(),
            Ty::Tuple(parts) => parts.iter().any(Ty::holds_struct),
        }
    }

    /// What an index gives.
    pub fn element(&self) -> Option<&Ty> {
        match self {
            Ty::Array(of, _) | Ty::Vec(of) | Ty::Slice(of) => Some(of),
            Ty::F64
            | Ty::F32
            | Ty::Usize
            | Ty::I32
            | Ty::Bool
            | Ty::Unit
            | Ty::Own
            | Ty::Struct(_)
            | Ty::Tuple(_) => None,
        }
    }
}

/// How a name or a parameter holds its type.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum By {
    Value,
    Ref,
    Mut,
}

/// The data of an argument: which floats it is made of.
#[derive(Clone, PartialEq, Debug)]
pub enum Data {
    F64,
    F32,
    Array(Vec<Data>),
    Vec(Vec<Data>),
    Tuple(Vec<Data>),
    Struct(Struct, Vec<Data>),
    /// Without floats, as it is written.
    Text(String),
}

impl Data {
    /// Data of a type, with rows of the given lengths from the outside in.
    pub fn of(ty: &Ty, lens: &[usize]) -> Data {
        match ty {
            Ty::F64 => Data::F64,
            Ty::F32 => Data::F32,
            Ty::Array(of, len) => Data::Array((0..*len).map(|_| Data::of(of, lens)).collect()),
            Ty::Vec(of) | Ty::Slice(of) => {
                let (len, inner) = lens.split_first().expect("a length for each `Vec`");
                Data::Vec((0..*len).map(|_| Data::of(of, inner)).collect())
            }
            Ty::Tuple(parts) => Data::Tuple(parts.iter().map(|part| Data::of(part, lens)).collect()),
            Ty::Struct(of) => {
                Data::Struct(*of, of.fields().iter().map(|(_, ty)| Data::of(ty, lens)).collect())
            }
            Ty::Usize => Data::Text("2".into()),
            Ty::I32 | Ty::Bool | Ty::Unit | Ty::Own => Data::Text("()".into()),
        }
    }

    pub fn floats(&self) -> usize {
        match self {
            Data::F64 | Data::F32 => 1,
            Data::Array(parts) | Data::Vec(parts) | Data::Tuple(parts) | Data::Struct(_, parts) => {
                parts.iter().map(Data::floats).sum()
            }
            Data::Text(_) => 0,
        }
    }

    /// Whether there is a struct in it.
    pub fn holds_struct(&self) -> bool {
        match self {
            Data::Struct(..) => true,
            Data::F64 | Data::F32 | Data::Text(_) => false,
            Data::Array(parts) | Data::Vec(parts) | Data::Tuple(parts) => {
                parts.iter().any(Data::holds_struct)
            }
        }
    }

    /// An expression that reads it from `r`.
    pub fn read(&self) -> String {
        self.read_as("", "MODULE")
    }

    /// An expression that reads a tangent of it from `r`.
    pub fn read_tangent(&self, module: &str) -> String {
        self.read_as("Tangent", module)
    }

    fn read_as(&self, role: &str, module: &str) -> String {
        let read = |part: &Data| part.read_as(role, module);
        let all = |parts: &[Data]| parts.iter().map(read).collect::<Vec<_>>().join(", ");
        match self {
            Data::F64 => "r.f64()".into(),
            Data::F32 => "r.f32()".into(),
            Data::Array(parts) => format!("[{}]", all(parts)),
            Data::Vec(parts) => format!("vec![{}]", all(parts)),
            Data::Tuple(parts) => format!("({},)", all(parts)),
            Data::Struct(of, parts) => {
                let field = |((name, _), part): (&(&str, Ty), &Data)| format!("{name}: {}", read(part));
                let fields: Vec<String> = of.fields().iter().zip(parts).map(field).collect();
                format!("{module}::{}{role} {{ {} }}", of.name(), fields.join(", "))
            }
            Data::Text(_) if role == "Tangent" => "()".into(),
            Data::Text(text) => text.clone(),
        }
    }
}
