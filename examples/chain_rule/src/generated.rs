//! The generated code, with the value of every line.

use std::collections::HashMap;
use std::io::{self, Write};

use syn::{BinOp, Expr, ExprMethodCall, FnArg, ItemFn, Lit, Pat, Stmt, UnOp};

use crate::derivation::{number, pad};
use crate::show::{self, What};

/// Where the functions are that the compiler is to read.
const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/functions.rs");

/// Code of one straight line, and what each of its statements computes.
pub struct Generated {
    code: String,
    /// In the order of the statements.
    steps: Vec<(String, f64)>,
    /// In the order in which the code returns them.
    pub results: Vec<f64>,
    mode: Mode,
}

/// Which of the generated functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Tangents, from the inputs to the result.
    Forward,
    /// Cotangents, from the result to the inputs.
    Reverse,
}

impl Generated {
    /// What `#[grad]` makes of a function of `functions.rs`, executed: at a point, and with its seed or tangents.
    pub fn run(function: &str, mode: Mode, arguments: &[f64]) -> Result<Generated, String> {
        let what = match mode {
            Mode::Forward => What::Jvp,
            Mode::Reverse => What::Vjp,
        };
        let code = show::in_file(SOURCE, function, what).map_err(|obstacle| obstacle.to_string())?;
        let item: ItemFn = syn::parse_str(&code).map_err(|error| error.to_string())?;
        let mut variables = HashMap::new();
        let names = item.sig.inputs.iter().filter_map(|input| match input {
            FnArg::Typed(typed) => name(&typed.pat),
            FnArg::Receiver(_) => None,
        });
        for (name, &value) in names.zip(arguments) {
            variables.insert(name, value);
        }
        let mut generated = Generated { code, steps: Vec::new(), results: Vec::new(), mode };
        for stmt in &item.block.stmts {
            match stmt {
                Stmt::Local(local) => {
                    let (Some(name), Some(init)) = (name(&local.pat), &local.init) else {
                        return Err("a statement is no plain `let`".to_owned());
                    };
                    let value = evaluate(&init.expr, &variables)?;
                    variables.insert(name.clone(), value);
                    generated.steps.push((name, value));
                }
                Stmt::Expr(expr, None) => collect(expr, &variables, &mut generated.results)?,
                _ => return Err("a statement is no plain `let`".to_owned()),
            }
        }
        Ok(generated)
    }

    /// The code, with its values beside it.
    pub fn print(&self, out: &mut impl Write) -> io::Result<()> {
        let mut steps = self.steps.iter();
        for line in self.code.trim_end().lines() {
            match line.trim_start().strip_prefix("let ").and_then(|_| steps.next()) {
                Some((name, value)) => {
                    writeln!(out, "  {} // {}", pad(line, 46), number(*value))?;
                    if name == "result" && self.mode == Mode::Reverse {
                        writeln!(out, "      // the reverse sweep")?;
                    }
                }
                None => writeln!(out, "  {line}")?,
            }
        }
        Ok(())
    }
}

fn name(pat: &Pat) -> Option<String> {
    match pat {
        Pat::Ident(ident) => Some(ident.ident.to_string()),
        Pat::Type(typed) => name(&typed.pat),
        _ => None,
    }
}

/// The numbers of nested tuples, from left to right.
fn collect(expr: &Expr, variables: &HashMap<String, f64>, into: &mut Vec<f64>) -> Result<(), String> {
    if let Expr::Tuple(tuple) = expr {
        return tuple.elems.iter().try_for_each(|expr| collect(expr, variables, into));
    }
    into.push(evaluate(expr, variables)?);
    Ok(())
}

fn evaluate(expr: &Expr, variables: &HashMap<String, f64>) -> Result<f64, String> {
    let unknown = || format!("this example cannot execute `{}`", quote::quote!(#expr));
    match expr {
        Expr::Path(path) => path
            .path
            .get_ident()
            .and_then(|ident| variables.get(&ident.to_string()).copied())
            .ok_or_else(unknown),
        Expr::Lit(literal) => match &literal.lit {
            Lit::Float(float) => float.base10_parse().map_err(|_| unknown()),
            _ => Err(unknown()),
        },
        Expr::Paren(paren) => evaluate(&paren.expr, variables),
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => Ok(-evaluate(&unary.expr, variables)?),
        Expr::Binary(binary) => {
            let (lhs, rhs) = (evaluate(&binary.left, variables)?, evaluate(&binary.right, variables)?);
            match binary.op {
                BinOp::Add(_) => Ok(lhs + rhs),
                BinOp::Sub(_) => Ok(lhs - rhs),
                BinOp::Mul(_) => Ok(lhs * rhs),
                BinOp::Div(_) => Ok(lhs / rhs),
                _ => Err(unknown()),
            }
        }
        Expr::MethodCall(ExprMethodCall { receiver, method, args, .. }) if args.is_empty() => {
            let x = evaluate(receiver, variables)?;
            match method.to_string().as_str() {
                "exp" => Ok(x.exp()),
                "sin" => Ok(x.sin()),
                "cos" => Ok(x.cos()),
                _ => Err(unknown()),
            }
        }
        _ => Err(unknown()),
    }
}
