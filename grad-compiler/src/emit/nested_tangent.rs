//! The tangent of a derivative: what a call of `f::grad` and its kin needs in forward mode.

use super::forms::Form;
use super::items::Cx;
use super::nested::Nested;
use super::protocol::Input;
use super::workers::STUB;
use super::{Tokens, site};
use crate::transform::Width;
use proc_macro2::Ident;
use quote::quote_spanned;

impl Cx<'_> {
    /// The tangent of a derivative.
    pub(super) fn nested_tangent(&self, of: Nested) -> Tokens {
        let s = site();
        let krate = self.krate();
        let names = self.names();
        let (dots, products) = (&names.dots, &names.products);
        let mut namer = names.namer(&[]);
        let mut each = |what: &str| -> Vec<Ident> {
            (0..dots.len()).map(|k| namer.fresh(&format!("{what}_{k}"), s)).collect()
        };
        // Those of the arguments, and those of the direction.
        let (mut moves, turns) = (each("moves"), each("turns"));
        if of == Nested::ValueAndGrad {
            moves.clone_from(dots);
        }
        let (value, value_dot) = (&names.value, namer.fresh("value_dot", s));
        let protocol = self.protocol_of(Some(of), 1, Width::One);
        let (mut params, mut inputs, mut prelude) = (Vec::new(), Vec::new(), Tokens::new());
        for input in &protocol.inputs {
            let (k, param) = (input.k, input.param);
            let name = if input.is_direction { &dots[k] } else { &names.params[k] };
            let ty = input.ty();
            params.push(quote_spanned!(s=> #name: #ty));
            let (dot, ty) = (
                if input.is_direction { &turns[k] } else { &moves[k] },
                protocol.tangent_ty(input, Width::One),
            );
            if param.is_differentiable() {
                inputs.push(quote_spanned!(s=> #dot: #ty));
                prelude.extend(self.present(param, &names.params[k], dot));
            } else {
                inputs.push(quote_spanned!(s=> _: #ty));
            }
        }
        let (gradient, product) =
            (Self::tuple_of(&self.in_order(&names.bars)), Self::tuple_of(&self.in_order(products)));
        let [jvp, hvp] = [self.jvp_name(Width::One), "hvp"].map(|name| self.public(name));
        let (turbofish, again) = (self.turbofish(false), self.args_twice(&names));
        let along = self.wrt_twice(&moves);
        let wrt = || self.sig.params.iter().enumerate().filter(|(_, param)| param.wrt.is_some());
        let body = match of {
            Nested::Grad => unreachable!("it is that of the value and the gradient"),
            Nested::ValueAndGrad if !self.args.has_rule() => {
                let lists = self.list_names(2, &names);
                let sweeps =
                    self.all_lists(2, Width::One, &names, &lists, &quote_spanned!(s=> (#value, #value_dot)));
                quote_spanned!(s=> #sweeps ((#value, #gradient), (#value_dot, #product)))
            }
            Nested::ValueAndGrad => quote_spanned! {s=>
                let (#value, #value_dot) = #jvp #turbofish (#(#again,)* #(#along),*);
                let (#gradient, #product) = #hvp #turbofish (#(#again,)* #(#along),*);
                ((#value, #gradient), (#value_dot, #product))
            },
            Nested::Jvp => {
                let inner = |a: &Ident, b: &Ident| quote_spanned!(s=> #krate::__private::inner(&#a, &#b));
                let of_value: Vec<Tokens> = wrt().map(|(k, _)| inner(&names.bars[k], &moves[k])).collect();
                let of_dot: Vec<Tokens> = wrt()
                    .flat_map(|(k, _)| [inner(&names.bars[k], &turns[k]), inner(&products[k], &moves[k])])
                    .collect();
                let (of_value, of_dot) = (self.as_result(&of_value), self.as_result(&of_dot));
                let directions = self.wrt_twice(dots);
                quote_spanned! {s=>
                    let (#value, #value_dot) = #jvp #turbofish (#(#again,)* #(#directions),*);
                    let (#gradient, #product) = #hvp #turbofish (#(#again,)* #(#directions),*);
                    ((#value, #value_dot), (#of_value, #of_dot))
                }
            }
            Nested::Hvp => {
                let mut directions = self.wrt_twice(dots);
                directions.extend(along);
                directions.extend(self.wrt_twice(&turns));
                let form = self.own(Form::Gradients(3, Width::One));
                quote_spanned! {s=>
                    let (_, (#gradient, #product, #value, #value_dot)) =
                        #form #turbofish (#(#again,)* #(#directions),*);
                    ((#gradient, #product), (#value, #value_dot))
                }
            }
        };
        params.append(&mut inputs);
        self.nested_tangent_function(of, params, &quote_spanned!(s=> #prelude #body))
    }

    pub(super) fn nested_tangent_stub(&self, of: Nested) -> Tokens {
        let s = site();
        let protocol = self.protocol_of(Some(of), 1, Width::One);
        let args = protocol.inputs.iter().map(Input::ty);
        let tangents = protocol.inputs.iter().map(|input| protocol.tangent_ty(input, Width::One));
        let params = args.chain(tangents).map(|ty| quote_spanned!(s=> _: #ty));
        let body = quote_spanned!(s=> ::core::option::Option::None.expect(#STUB));
        self.nested_tangent_function(of, params.collect(), &body)
    }

    fn nested_tangent_function(&self, of: Nested, params: Vec<Tokens>, body: &Tokens) -> Tokens {
        let (vis, generics, where_clause) =
            (self.vis(), self.generics(false), self.where_repeated_of(Width::One));
        let (name, result) = (Form::Tangent(Width::One).method_of(of), self.result_of(Some(of)));
        quote_spanned! {site()=>
            #[inline]
            #vis fn #name #generics (self, #(#params),*) -> (#result, #result) #where_clause {
                #body
            }
        }
    }

    /// A sum of numbers, of the type of the result.
    pub(super) fn as_result(&self, terms: &[Tokens]) -> Tokens {
        let s = site();
        let (sum, result) = (quote_spanned!(s=> #(#terms)+*), self.sig.result_ty());
        match result.to_string().as_str() {
            "f64" => sum,
            _ if self.args.scalars.is_empty() => quote_spanned!(s=> (#sum) as #result),
            _ => self.cast(&sum, &result),
        }
    }
}
