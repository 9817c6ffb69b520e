//! What does an instruction read? Variables and literals.

use super::{Float, Var};

/// What an instruction reads.
#[derive(Clone, Debug, PartialEq)]
pub enum Operand {
    Var(Var),
    Lit(Lit),
}

/// A literal, with the text the user wrote (`1e-3`, `2.0_f32`, `3`, `true`).
#[derive(Clone, Debug, PartialEq)]
pub struct Lit {
    pub text: String,
    /// Its value where it is a number; booleans are 0 and 1.
    pub value: f64,
}

impl Lit {
    /// A literal of an integer or a boolean, which rustc takes for no float.
    pub fn is_constant(&self) -> bool {
        let text = self.text.trim_start_matches('-');
        let digits = text.split(['i', 'u']).next().unwrap_or(text);
        matches!(text, "true" | "false")
            || text.starts_with("0x")
            || text.starts_with(|c: char| c.is_ascii_digit()) && !digits.contains(['.', 'e', 'E', 'f'])
    }
}

impl Lit {
    /// The literal of a float with its type, among tokens that may ask for it.
    #[must_use]
    pub fn typed(self, float: Float) -> Lit {
        let is_plain = |c: char| c.is_ascii_digit() || matches!(c, '.' | '_' | 'e' | 'E' | '-' | '+');
        let suffix = match float {
            Float::F32 => "f32",
            Float::F64 => "f64",
            // No suffix says so.
            Float::Param(_) | Float::Inferred => return self,
        };
        if self.is_constant() || !self.text.chars().all(is_plain) {
            return self;
        }
        let point = if self.text.ends_with('.') { "0" } else { "" };
        Lit { text: format!("{}{point}_{suffix}", self.text), value: self.value }
    }
}

impl Operand {
    pub fn float(value: f64) -> Operand {
        Operand::Lit(Lit { text: format!("{value:?}"), value })
    }

    pub fn int(value: usize) -> Operand {
        Operand::Lit(Lit { text: value.to_string(), value: value as f64 })
    }

    pub fn bool(value: bool) -> Operand {
        Operand::Lit(Lit { text: value.to_string(), value: f64::from(u8::from(value)) })
    }

    pub fn var(&self) -> Option<Var> {
        match self {
            Operand::Var(var) => Some(*var),
            Operand::Lit(_) => None,
        }
    }
}

impl From<Var> for Operand {
    fn from(var: Var) -> Operand {
        Operand::Var(var)
    }
}
