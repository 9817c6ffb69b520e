//! The book, page by page, for whoever reads it beside the documentation of the items.
//!
//! Begin with [`tutorial`], or with the page about what you come from; [`supported_rust`] says what a function may contain,
//! [`errors`] what each error means, [`descent_methods`] which method fits which problem.

#![allow(rustdoc::all, reason = "the pages are written for the book, which has checks of its own")]

/// A module for each page: its documentation is the page.
macro_rules! pages {
    ($($module:ident = $page:literal,)*) => {
        $(
            #[doc = grad_macro::__book_page!($page)]
            pub mod $module {}
        )*
    };
}

pages! {
    tutorial = "tutorial",
    coming_from_jax = "coming-from-jax",
    coming_from_pytorch = "coming-from-pytorch",
    coming_from_argmin = "coming-from-argmin",
    coming_from_ceres = "coming-from-ceres",
    coming_from_num_dual = "coming-from-num-dual",
    supported_rust = "supported-rust",
    where_derivatives_go = "where-derivatives-go",
    supported_functions = "supported-functions",
    your_own_types = "your-own-types",
    matrices = "matrices",
    generic_functions = "generic-functions",
    functions_as_parameters = "functions-as-parameters",
    functions_that_fail = "functions-that-fail",
    custom_rules = "custom-rules",
    modes = "modes",
    second_derivatives = "second-derivatives",
    checkpointing = "checkpointing",
    derivative_policy = "derivative-policy",
    performance = "performance",
    no_std = "no-std",
    errors = "errors",
    descent_methods = "descent-methods",
    training = "training",
    how_it_works = "how-it-works",
    glossary = "glossary",
}
