//! The examples of the book, of the README and of the attribute's page compile and run: `cargo test -p grad-book --doc`.

#![cfg(doctest)]

#[doc = include_str!("../../../README.md")]
struct Readme;
#[doc = include_str!("../../../grad-macro/src/attribute.md")]
struct Attribute;
#[doc = include_str!("../../../docs/checkpointing.md")]
struct Checkpointing;
#[doc = include_str!("../../../docs/coming-from-argmin.md")]
struct ComingFromArgmin;
#[doc = include_str!("../../../docs/coming-from-ceres.md")]
struct ComingFromCeres;
#[doc = include_str!("../../../docs/coming-from-jax.md")]
struct ComingFromJax;
#[doc = include_str!("../../../docs/coming-from-num-dual.md")]
struct ComingFromNumDual;
#[doc = include_str!("../../../docs/coming-from-pytorch.md")]
struct ComingFromPyTorch;
#[doc = include_str!("../../../docs/descent-methods.md")]
struct DescentMethods;
#[doc = include_str!("../../../docs/custom-rules.md")]
struct CustomRules;
#[doc = include_str!("../../../docs/functions-that-fail.md")]
struct FunctionsThatFail;
#[doc = include_str!("../../../docs/generic-functions.md")]
struct GenericFunctions;
#[doc = include_str!("../../../docs/functions-as-parameters.md")]
struct FunctionsAsParameters;
#[doc = include_str!("../../../docs/how-it-works.md")]
struct HowItWorks;
#[doc = include_str!("../../../docs/modes.md")]
struct Modes;
#[doc = include_str!("../../../docs/performance.md")]
struct Performance;
#[doc = include_str!("../../../docs/training.md")]
struct Training;
#[doc = include_str!("../../../docs/second-derivatives.md")]
struct SecondDerivatives;
#[doc = include_str!("../../../docs/tutorial.md")]
struct Tutorial;
#[doc = include_str!("../../../docs/your-own-types.md")]
struct YourOwnTypes;
