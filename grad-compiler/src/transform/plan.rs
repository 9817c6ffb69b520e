//! What reverse mode decides, as data: when each loop, branch and call is reversed, and why not earlier; what is
//! scratch, and by what means each value that the reverse sweep reads is had again. For people; `show --plan` prints it.

use std::fmt;

/// The decisions for one form of a derivative, in the order of the program.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    pub decisions: Vec<Decision>,
    /// The pullback runs the whole function again, since what it would keep may be borrowed from an argument.
    pub runs_again: bool,
}

#[derive(Clone, Debug)]
pub struct Decision {
    /// Where it is in program order.
    pub(super) at: u32,
    /// How many loops and branches are around it.
    pub depth: usize,
    /// A loop, a branch, a call, or the name of a value.
    pub subject: String,
    pub how: How,
}

/// What is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum How {
    /// Reversed where it runs: nothing in it is recorded for later.
    AtOnce,
    /// Reversed in the reverse sweep.
    Later(Because),
    /// Of its passes, the one that decides what the loop results in runs again, and is reversed.
    Winner,
    /// The value is had again by these means.
    Value(Means),
    /// Memory from outside is taken for each pass's own, since each overwrites it; or the callee that does.
    Overwritten(Option<String>),
}

/// Why something is reversed in the reverse sweep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Because {
    /// The reverse sweep is a closure, which runs later.
    Split,
    /// What is around it is reversed later.
    Around,
    /// It writes memory from outside, or reads what is written behind it.
    Writes,
    /// How often it runs is found out while it does.
    Condition,
    /// It has a carried value that is no sum.
    NoSum(String),
    /// The cotangent of what it results in is not known in front of it.
    NotKnown(String),
    /// What it yields or takes is moved, lent, or of a type that is not known.
    Moves,
    /// It does not save anything.
    Cheap,
    /// A test has switched it off.
    Off,
}

/// How the reverse sweep comes by a value, cheapest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Means {
    /// Computed again: a load from memory that is still there, or a few cheap operations.
    Again,
    /// A counter, which the mirror loop counts back.
    CountedBack,
    /// Read from where the primal stored it.
    ReadBack,
    /// Read from an array that is kept as a whole.
    Element,
    /// A further result of the branch it is in.
    Yield,
    /// Recorded in an array on the stack.
    Stack,
    /// Recorded in a buffer of one allocation.
    Buffer,
    /// Recorded in a frame of a tape that lives as long as the call.
    Frame,
    /// Recorded on a tape.
    Tape,
    /// Recorded in a slot, which holds one thing.
    Slot,
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.runs_again {
            writeln!(
                f,
                "the pullback runs the function again: what it would keep may be borrowed from an argument"
            )?;
        }
        for Decision { depth, subject, how, .. } in &self.decisions {
            writeln!(f, "{:indent$}{subject}: {how}", "", indent = 4 * depth)?;
        }
        Ok(())
    }
}

impl fmt::Display for How {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            How::AtOnce => f.write_str("reversed where it runs"),
            How::Later(because) => write!(f, "reversed later; {because}"),
            How::Winner => f.write_str("reversed later, in the pass that decides, which runs again"),
            How::Value(means) => f.write_str(means.text()),
            How::Overwritten(None) => f.write_str("overwritten before it is read, each time"),
            How::Overwritten(Some(callee)) => {
                write!(f, "overwritten before it is read, each time, if `{callee}` does so")
            }
        }
    }
}

impl fmt::Display for Because {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Because::Split => f.write_str("the reverse sweep is a closure"),
            Because::Around => f.write_str("so is what is around it"),
            Because::Writes => {
                f.write_str("it writes memory from outside, or reads what is written behind it")
            }
            Because::Condition => f.write_str("how often it runs is known when it has"),
            Because::NoSum(name) => write!(f, "its passes do more than add to `{name}`"),
            Because::NotKnown(name) => write!(f, "the cotangent of `{name}` is not known in front of it"),
            Because::Moves => f.write_str("it moves or lends memory"),
            Because::Cheap => f.write_str("there is nothing to record in it"),
            Because::Off => f.write_str("a test has switched this off"),
        }
    }
}

impl Means {
    fn text(self) -> &'static str {
        match self {
            Means::Again => "computed again",
            Means::CountedBack => "counted back",
            Means::ReadBack => "read back from where it was stored",
            Means::Element => "read from an array that is kept",
            Means::Yield => "a further result of the branch",
            Means::Stack => "recorded in an array on the stack",
            Means::Buffer => "recorded in a buffer of one allocation",
            Means::Frame => "recorded in a frame of a tape",
            Means::Tape => "recorded on a tape",
            Means::Slot => "recorded in a slot",
        }
    }
}
