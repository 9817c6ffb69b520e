//! The derivative that `#[grad]` writes, said again in JavaScript, so that the page walks by it and by nothing else.

use std::fmt::Write as _;

use syn::{BinOp, Expr, FnArg, ItemFn, Lit, Pat, Stmt, UnOp};

const LANDSCAPE: &str = include_str!("landscape.rs");

/// The function `gradient(p, seed, p_bar)`: it returns the height, and adds the gradient to `p_bar`.
pub fn gradient() -> Result<String, String> {
    let answer = playground_module::answer(&format!("look gradient height\n{LANDSCAPE}"));
    let answer: serde_json::Value = serde_json::from_str(&answer).map_err(|error| error.to_string())?;
    let code = answer["shown"]["text"].as_str().ok_or("the landscape cannot be differentiated")?;
    translated(&syn::parse_str(code).map_err(|error| error.to_string())?)
}

/// Code of one straight line.
fn translated(function: &ItemFn) -> Result<String, String> {
    let params = function.sig.inputs.iter().map(|input| match input {
        FnArg::Typed(typed) => name(&typed.pat),
        FnArg::Receiver(_) => Err("a method".to_owned()),
    });
    let params = params.collect::<Result<Vec<_>, _>>()?.join(", ");
    let mut js = format!("function gradient({params}) {{\n");
    for stmt in &function.block.stmts {
        let line = match stmt {
            Stmt::Local(local) => {
                let init = local.init.as_ref().ok_or("a variable without a value")?;
                format!("const {} = {}", name(&local.pat)?, expr(&init.expr)?)
            }
            Stmt::Expr(Expr::Binary(binary), Some(_)) if matches!(binary.op, BinOp::AddAssign(_)) => {
                format!("{} += {}", expr(&binary.left)?, expr(&binary.right)?)
            }
            Stmt::Expr(result, None) => format!("return {}", expr(result)?),
            _ => return Err(unknown(stmt)),
        };
        let _ = writeln!(js, "  {line};");
    }
    js.push_str("}\n");
    Ok(js)
}

fn unknown(what: impl quote::ToTokens) -> String {
    format!("this example has no JavaScript for `{}`", what.to_token_stream())
}

fn name(pat: &Pat) -> Result<String, String> {
    match pat {
        Pat::Ident(ident) => Ok(ident.ident.to_string()),
        Pat::Type(typed) => name(&typed.pat),
        other => Err(unknown(other)),
    }
}

fn expr(of: &Expr) -> Result<String, String> {
    Ok(match of {
        Expr::Path(path) => path.path.get_ident().ok_or_else(|| unknown(of))?.to_string(),
        Expr::Lit(literal) => match &literal.lit {
            Lit::Float(float) => float.base10_digits().to_owned(),
            Lit::Int(int) => int.base10_digits().to_owned(),
            _ => return Err(unknown(of)),
        },
        Expr::Paren(paren) => format!("({})", expr(&paren.expr)?),
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => format!("-{}", expr(&unary.expr)?),
        Expr::Index(index) => format!("{}[{}]", expr(&index.expr)?, expr(&index.index)?),
        Expr::Binary(binary) => {
            let op = match binary.op {
                BinOp::Add(_) => "+",
                BinOp::Sub(_) => "-",
                BinOp::Mul(_) => "*",
                BinOp::Div(_) => "/",
                _ => return Err(unknown(of)),
            };
            format!("{} {op} {}", expr(&binary.left)?, expr(&binary.right)?)
        }
        Expr::MethodCall(call) => {
            let function = match call.method.to_string().as_str() {
                "exp" => "exp",
                "sin" => "sin",
                "cos" => "cos",
                "sqrt" => "sqrt",
                "powi" => "pow",
                _ => return Err(unknown(of)),
            };
            let args = std::iter::once(&*call.receiver).chain(&call.args).map(expr);
            format!("Math.{function}({})", args.collect::<Result<Vec<_>, _>>()?.join(", "))
        }
        other => return Err(unknown(other)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_said_again() {
        let code = "fn f(p: &[f64; 2], seed: f64) -> f64 { let a = -p[1] * (p[0] + 2.0_f64); let b = a.exp(); p_bar[0] += b.powi(2); b }";
        let js = translated(&syn::parse_str(code).unwrap()).unwrap();
        assert_eq!(
            js,
            "function gradient(p, seed) {\n  const a = -p[1] * (p[0] + 2.0);\n  const b = Math.exp(a);\n  \
             p_bar[0] += Math.pow(b, 2);\n  return b;\n}\n"
        );
        let loops = syn::parse_str("fn f(x: f64) -> f64 { for i in 0..3 {} x }").unwrap();
        assert!(translated(&loops).unwrap_err().contains("no JavaScript"));
    }

    #[test]
    fn the_landscape_is_translated() {
        let js = gradient().unwrap();
        assert!(js.contains("p_bar[0] += ") && js.ends_with("return result;\n}\n"), "{js}");
    }
}
