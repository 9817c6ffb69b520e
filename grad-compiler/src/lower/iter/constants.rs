//! Iterators over constants, which are left as they are.

use super::consume;
use crate::ir::Ty;
use crate::lower::Lower;
use crate::lower::flow::bare;
use crate::lower::value::Val;
use crate::lower::{closure, constant};
use syn::visit::{self, Visit};
use syn::{Expr, ExprMethodCall};

/// Whether an expression reads nothing but constants: then it is left as it is.
pub(crate) fn only_constants(cx: &Lower<'_>, call: &ExprMethodCall) -> bool {
    struct Find<'c, 'e> {
        cx: &'c Lower<'e>,
        active: bool,
        only_reads: bool,
    }
    impl<'ast> Visit<'ast> for Find<'_, '_> {
        fn visit_expr(&mut self, expr: &'ast Expr) {
            match expr {
                Expr::Path(path) => {
                    if let Some(id) = path.path.get_ident().and_then(|name| self.cx.lookup(name)) {
                        let val = self.cx.local(id).val.clone().peeled();
                        let unfollowed = matches!(val, Val::Memory(_)) && !self.cx.holds_floats(&val);
                        self.active |= !(self.cx.is_constant(&val) || unfollowed);
                        // What a closure assigns must be followed.
                        self.active |= self.cx.local(id).mutable && !self.only_reads;
                    }
                }
                Expr::Macro(_) | Expr::Return(_) => self.active = true,
                expr => visit::visit_expr(self, expr),
            }
        }
    }
    let mut find =
        Find { cx, active: false, only_reads: !constant::may_change(cx, &Expr::MethodCall(call.clone())) };
    find.visit_expr_method_call(call);
    !find.active
}

/// Whether an item of constants of a type that is not known is looked for: the search is left as it is, and finds what it finds.
pub(super) fn is_searched(cx: &Lower<'_>, call: &ExprMethodCall) -> bool {
    let name = call.method.to_string();
    let of_unknown = || {
        let mut source = bare(&call.receiver);
        while let Expr::MethodCall(call) = source {
            source = bare(&call.receiver);
        }
        let id = closure::root(source).and_then(|name| cx.lookup(name));
        id.is_some_and(|id| {
            let val = cx.local(id).val.clone().peeled();
            matches!(val, Val::Code(_) | Val::Scalar(..) | Val::Cell(..))
                && cx.types.to_ir(&cx.type_of(&val)) == Ty::Opaque
        })
    };
    // A position is a whole number, whatever is looked for.
    consume::gives_optional(&name) && name != "position" && of_unknown() && only_constants(cx, call)
}
