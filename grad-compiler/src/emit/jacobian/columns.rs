//! By columns: `f::jvp` for each direction.

use super::super::cotangent_types::{owned, ungrouped};
use super::super::items::{Cx, Names};
use super::super::signature::{Kind, Param, Passing};
use super::super::{Tokens, site};
use super::{Locals, Of};
use proc_macro2::Ident;
use quote::{ToTokens, quote_spanned};
use syn::Type;

impl Cx<'_> {
    /// The argument of one of several calls.
    pub(in crate::emit) fn argument_again(param: &Param<'_>, name: &Ident) -> Tokens {
        let s = site();
        match param.kind {
            Kind::Aggregate(Passing::Moved) | Kind::Constant(Passing::Moved) => {
                quote_spanned!(s=> ::core::clone::Clone::clone(&#name))
            }
            Kind::ScalarMut | Kind::Aggregate(Passing::Exclusive) => quote_spanned!(s=> &mut *#name),
            _ => name.to_token_stream(),
        }
    }

    /// `let (value, result_dot) = Self::jvp(…);`, from tangents that are variables of the owned form.
    pub(super) fn column(&self, of: Of, names: &Names, dots: &[Ident]) -> Tokens {
        let s = site();
        let turbofish = self.turbofish(false);
        let args =
            self.sig.params.iter().zip(&names.params).map(|(param, name)| Self::argument_again(param, name));
        let dots = self.sig.params.iter().zip(dots).filter(|(param, _)| param.is_differentiable()).map(
            |(param, dot)| match param.kind {
                Kind::Scalar => dot.to_token_stream(),
                Kind::ScalarMut | Kind::Aggregate(Passing::Exclusive) => quote_spanned!(s=> &mut #dot),
                Kind::Aggregate(Passing::Moved) => quote_spanned!(s=> ::core::clone::Clone::clone(&#dot)),
                _ => quote_spanned!(s=> &#dot),
            },
        );
        let (value, seed) = (&names.value, &names.seed);
        let call = quote_spanned!(s=> Self::jvp #turbofish (#(#args,)* #(#dots),*));
        match of {
            Of::Result => quote_spanned!(s=> let (#value, #seed) = #call;),
            Of::Output(_) => quote_spanned!(s=> #call;),
        }
    }

    /// The output is given its old content before each column, and a tangent of zero.
    pub(super) fn output_again(&self, of: Of, names: &Names, locals: &Locals) -> (Tokens, Tokens) {
        let s = site();
        let Of::Output(k) = of else { return (Tokens::new(), Tokens::new()) };
        let (out, dot, Locals { zeros, old, .. }) = (&names.params[k], &locals.dots[k], locals);
        let is_slice = matches!(
            ungrouped(self.sig.params[k].ty),
            Type::Reference(reference) if matches!(ungrouped(&reference.elem), Type::Slice(_))
        );
        let restore = if is_slice {
            quote_spanned!(s=> #out.clone_from_slice(&#old);)
        } else {
            quote_spanned!(s=> ::core::clone::Clone::clone_from(#out, &#old);)
        };
        let keep = if is_slice {
            quote_spanned!(s=> let #old = #out.to_vec();)
        } else {
            quote_spanned!(s=> let #old = ::core::clone::Clone::clone(&*#out);)
        };
        (keep, quote_spanned!(s=> #restore let mut #dot = ::core::clone::Clone::clone(&#zeros);))
    }

    pub(super) fn by_columns(&self, of: Of, names: &Names, locals: &Locals) -> Tokens {
        let s = site();
        let krate = self.krate();
        let wrt = self.wrt_positions();
        let Locals { blocks, dots, zeros, at, row, answer, column, entry, .. } = locals;
        let (value, seed) = (&names.value, &names.seed);
        let result_ty = owned(self.shape(of));
        let mut before = Tokens::new();
        for &k in &wrt {
            let (bar, dot) = (&names.bars[k], &dots[k]);
            let zero = self.zeros_of(k, &names.params[k]);
            let ty = owned(self.sig.params[k].ty);
            before.extend(quote_spanned!(s=>
                let #bar: #ty = #zero;
                let mut #dot = ::core::clone::Clone::clone(&#bar);
            ));
        }
        let made: Vec<Tokens> = wrt
            .iter()
            .map(|k| {
                let bar = &names.bars[*k];
                quote_spanned! {s=>
                    #krate::__private::Entries::rows(&#zeros, &mut || ::core::clone::Clone::clone(&#bar))
                }
            })
            .collect();
        let made = Self::tuple(&made);
        let (keep, restore) = self.output_again(of, names, locals);
        let call = self.column(of, names, dots);
        let result_dot = match of {
            Of::Result => seed,
            Of::Output(k) => &dots[k],
        };
        let zeros_of_rows = self.zeros_of_rows(of, names, locals);
        let fill = |k: usize| {
            let (block, ty) = (&blocks[k], owned(self.sig.params[k].ty));
            quote_spanned! {s=>
                for #row in 0..#krate::__private::Entries::count(&#result_dot) {
                    let #entry = #krate::__private::Entries::entry(&#result_dot, #row);
                    let #row = <#result_ty as #krate::__private::Entries>::row::<#ty>(#block, #row);
                    #krate::__private::Entries::set_entry(#row, #at, #entry);
                }
            }
        };
        let refs = |k: usize| {
            // The blocks of the others are not named.
            let parts: Vec<Tokens> = wrt
                .iter()
                .map(|other| if *other == k { blocks[k].to_token_stream() } else { quote_spanned!(s=> _) })
                .collect();
            Self::tuple(&parts)
        };
        let columns = wrt
            .iter()
            .map(|&k| {
                let (dot, fill, refs) = (&dots[k], fill(k), refs(k));
                let (first, place) = match of {
                    Of::Result => (
                        quote_spanned!(s=> { #zeros_of_rows (#value, #made) }),
                        quote_spanned!(s=> let (_, #refs) = #column;),
                    ),
                    Of::Output(_) => (made.clone(), quote_spanned!(s=> let #refs = #column;)),
                };
                // With one parameter there is no tuple to take apart.
                quote_spanned! {s=>
                    for #at in 0..#krate::__private::Entries::count(&#dot) {
                        #restore
                        #krate::__private::Entries::set_entry(&mut #dot, #at, 1.0);
                        #call
                        #krate::__private::Entries::set_entry(&mut #dot, #at, 0.0);
                        let #column = #answer.get_or_insert_with(|| #first);
                        #place
                        #fill
                    }
                }
            })
            .collect::<Vec<_>>();
        // Without columns there is still a value.
        let (primal, turbofish) = (self.primal(), self.turbofish(false));
        let args = self.sig.params.iter().zip(&names.params).map(|(param, name)| {
            if param.kind.is_output() { quote_spanned!(s=> &mut *#name) } else { name.to_token_stream() }
        });
        let (shape_first, none) = match of {
            Of::Result => (
                Tokens::new(),
                quote_spanned!(s=> let #value = #primal #turbofish (#(#args),*); #zeros_of_rows (#value, #made)),
            ),
            Of::Output(_) => {
                (zeros_of_rows.clone(), quote_spanned!(s=> #primal #turbofish (#(#args),*); #made))
            }
        };
        quote_spanned! {s=>
            #before
            #shape_first
            #keep
            let mut #answer = ::core::option::Option::None;
            #(#columns)*
            #answer.unwrap_or_else(|| { #none })
        }
    }

    /// `f::jacobian_columns`: many tangents.
    pub(super) fn jacobian_columns(&self, of: Of) -> Tokens {
        let s = site();
        let names = self.names();
        let locals = self.locals(&names);
        let params = self.params(&names.params);
        let where_clause = self.where_copy();
        let wrt = self.wrt_positions();
        let Locals { directions, columns, answer, .. } = &locals;
        let (direction_ty, result_ty) = (self.gradient_ty(), owned(self.shape(of)));
        let ty = self.with_value(&quote_spanned!(s=> ::std::vec::Vec<#result_ty>));
        let (value, seed) = (&names.value, &names.seed);
        let pattern = Self::tuple(&wrt.iter().map(|k| locals.dots[*k].to_token_stream()).collect::<Vec<_>>());
        // Those behind `&` are borrowed where they are.
        let dots = self
            .sig
            .params
            .iter()
            .zip(&locals.dots)
            .enumerate()
            .filter(|(_, (param, _))| param.is_differentiable())
            .map(|(_, (param, dot))| match param.kind {
                Kind::Scalar => quote_spanned!(s=> *#dot),
                Kind::ScalarMut | Kind::Aggregate(Passing::Exclusive) => quote_spanned!(s=> &mut #dot),
                Kind::Aggregate(Passing::Moved) => quote_spanned!(s=> ::core::clone::Clone::clone(#dot)),
                _ => dot.to_token_stream(),
            });
        let turbofish = self.turbofish(false);
        let args =
            self.sig.params.iter().zip(&names.params).map(|(param, name)| Self::argument_again(param, name));
        let call = quote_spanned!(s=> Self::jvp #turbofish (#(#args,)* #(#dots),*));
        let (keep, restore) = self.output_again(of, &names, &locals);
        let primal = self.primal();
        let last = self.sig.params.iter().zip(&names.params).map(|(param, name)| {
            if param.kind.is_output() { quote_spanned!(s=> &mut *#name) } else { name.to_token_stream() }
        });
        let none = quote_spanned!(s=> #primal #turbofish (#(#last),*));
        let body = match of {
            Of::Result => quote_spanned! {s=>
                let mut #answer = ::core::option::Option::None;
                let mut #columns = ::std::vec::Vec::with_capacity(#directions.len());
                for #pattern in #directions {
                    let (#value, #seed) = #call;
                    #answer = ::core::option::Option::Some(#value);
                    #columns.push(#seed);
                }
                (#answer.unwrap_or_else(|| #none), #columns)
            },
            Of::Output(k) => {
                let zeros = self.zeros_of_rows(of, &names, &locals);
                let dot = &locals.dots[k];
                quote_spanned! {s=>
                    #zeros
                    #keep
                    let mut #columns = ::std::vec::Vec::with_capacity(#directions.len());
                    for #pattern in #directions {
                        #restore
                        #call;
                        #columns.push(#dot);
                    }
                    if #directions.is_empty() {
                        #none;
                    }
                    #columns
                }
            }
        };
        let name = self.sig.name();
        let docs = [
            format!(
                " Some columns of the Jacobian of [`{name}`](fn@{name}), or sums of columns: for each direction, a tangent of"
            ),
            format!(" {}, the derivative of the result along it.", self.wrt_list()),
        ];
        self.function(
            &docs,
            "jacobian_columns",
            &self.generics(false),
            &quote_spanned!(s=> (#params, #directions: &[#direction_ty]) -> #ty #where_clause { #body }),
        )
    }
}
