//! What does an instruction read? Variables and literals.

use super::Var;

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
