//! The table of error kinds: the one place that knows a number, and the source of `docs/errors.md`.

use std::fmt::{self, Write as _};

/// One row.
struct Row {
    number: u16,
    title: &'static str,
    explanation: &'static str,
    wrong: &'static str,
    remedy: &'static str,
}

macro_rules! kinds {
    ($(
        $name:ident = $number:literal {
            title: $title:literal,
            explanation: $explanation:literal,
            wrong: $wrong:literal,
            remedy: $remedy:literal $(,)?
        }
    )*) => {
        /// The kind of an error. Its number is for ever: a kind that is no longer reported leaves a gap.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = $title] $name,)*
        }

        impl Code {
            /// Every kind, by number.
            pub const ALL: &[Code] = &[$(Code::$name),*];

            fn row(self) -> Row {
                match self {
                    $(Code::$name => Row {
                        number: $number,
                        title: $title,
                        explanation: $explanation,
                        wrong: $wrong,
                        remedy: $remedy,
                    },)*
                }
            }
        }
    };
}

impl Code {
    /// The kind in a few words.
    pub fn title(self) -> &'static str {
        self.row().title
    }

    /// Its part of `docs/errors.md`.
    pub fn page(self) -> String {
        let Row { title, explanation, wrong, remedy, .. } = self.row();
        let mut page = format!("## {self}: {title}\n\n{explanation}\n");
        if !wrong.is_empty() {
            let _ = write!(page, "\n```rust,ignore\n{}\n```\n", wrong.trim());
        }
        let _ = write!(page, "\n**Instead:** {remedy}\n");
        page
    }

    /// An example that gives this error, as source text; empty where only a mistake of the compiler's gives it.
    pub fn wrong_example(self) -> &'static str {
        self.row().wrong
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GRAD{:04}", self.row().number)
    }
}

/// A mistake with `#[grad]` that rustc finds.
#[derive(Debug)]
pub struct ByRustc {
    /// Its number, like `E0573`.
    pub code: &'static str,
    /// What rustc says.
    pub title: &'static str,
    explanation: &'static str,
    remedy: &'static str,
}

impl ByRustc {
    /// Its part of `docs/errors.md`.
    pub fn page(&self) -> String {
        let ByRustc { code, title, explanation, remedy } = self;
        format!("## {code}: {title}\n\n{explanation}\n\n**Instead:** {remedy}\n")
    }
}

/// What rustc says about mistakes that a macro, which sees one function at a time, cannot find.
pub const BY_RUSTC: &[ByRustc] = &[
    ByRustc {
        code: "E0277",
        title: "this argument depends on an independent variable, but the called function treats the parameter as a constant",
        explanation: "A called function is differentiated by the parameters that its own attribute says. The value that is \
                      passed here depends on what the caller is differentiated by, and its derivative would be lost.",
        remedy: "name the parameter in the `wrt` of the called function, or leave its `wrt` out; or stop differentiation with \
                 `grad::constant(…)`.",
    },
    ByRustc {
        code: "E0308",
        title: "expected fn item, found a different fn item",
        explanation: "`#[grad]` is on the block of a trait, for a type that has another method of this name in a block of its own. \
                      `x.energy(…)` would be that one, and its derivative this one's.",
        remedy: "give one of them another name.",
    },
    ByRustc {
        code: "E0428",
        title: "the name `energy` is defined multiple times",
        explanation: "The derivatives of `energy` are functions of a type that is called `energy`, too. A module or a type of \
                      yours has that name already. What else rustc says of `energy` follows from that.",
        remedy: "give the derivatives another name: `#[grad(name = energy_derivatives)]`, and then \
                 `energy_derivatives::grad(…)`.",
    },
    ByRustc {
        code: "E0573",
        title: "expected type, found function `helper`",
        explanation: "A differentiated value is passed to a function without `#[grad]`, so that there is no derivative to call. \
                      (E0425, cannot find type `helper`: there is no function of that name.)",
        remedy: "put `#[grad]` on `helper`, too. If it is another crate's, write it yourself, or wrap it in a function with a \
                 rule of its own, `#[grad(vjp = …)]`. If no derivative goes through it, pass `grad::constant(x)`.",
    },
    ByRustc {
        code: "E0599",
        title: "no variant or associated item named `grad` found for enum `f`",
        explanation: "Which functions there are depends on what `f` returns. Of one float: `f::grad`, `f::value_and_grad`, \
                      `f::grad_into`, `f::objective`, and with `#[grad(second)]` \
                      `f::hvp` and `f::hessian`. Of several: `f::jacobian` and `f::residuals` in place of these. `f::vjp` and `f::jvp` are \
                      always there. `cargo grad list` shows those of your functions. And where a method is called, `x.energy(…)` or \
                      `S::energy(…)`, that has no derivatives, rustc says that there is no method named `energy_with_grad`, or no \
                      associated item named `energy_WITH_GRAD`.",
        remedy: "use `f::jacobian(…)`, or let `f` return the one number that you want the gradient of. For a method, put `#[grad]` on \
                 its `impl` block; where a method of the block has an attribute of its own, on this one, too; and name `self` in \
                 `wrt` where the derivative goes through it.",
    },
    ByRustc {
        code: "E0720",
        title: "cannot resolve opaque type",
        explanation: "Functions call each other in a circle, and so the types of their reverse sweeps contain each other. (A \
                      function that calls itself needs nothing.)",
        remedy: "write `#[grad(recursive)]` on one of them: its reverse sweep is then put into a box.",
    },
];

/// The text of `docs/errors.md`.
pub fn render() -> String {
    let mut page = String::from(
        "# Errors\n\n\
         `cargo grad explain GRAD0025` prints the part of this page that is about one error.\n\n\
         Every error of `#[grad]` has a number. Here is what each means, a function that gives it, and what to\n\
         do instead. The user's function itself is never changed, so it keeps working while its gradient does\n\
         not compile.\n\n\
         Some mistakes are found by rustc, not by `#[grad]`, because a macro sees one function at a time. What rustc says\n\
         of them, and what to do, is [at the end](#what-rustc-says); `cargo grad explain E0573` prints it.\n\n\
         *This page is written by the compiler's table of errors: after a change there, run\n\
         `UPDATE_EXPECT=1 cargo test -p grad-compiler diag`.*\n",
    );
    for code in Code::ALL {
        let _ = write!(page, "\n{}", code.page());
    }
    page += "\n# What rustc says\n";
    for said in BY_RUSTC {
        let _ = write!(page, "\n{}", said.page());
    }
    page
}

kinds! {
    // The attribute.
    AttributeSyntax = 1 {
        title: "the attribute cannot be read",
        explanation: "The arguments of `#[grad(…)]` are a list of `wrt(a, b)`, `name = ident`, `crate = path`, \
                      `recursive`, `second`, `third`, `checkpoint`, `vjp = path`, `jvp = path`, `hvp = path` and `jacobian = forward` or \
                      `jacobian = reverse`, separated by commas; or, on a method of an annotated block, `skip`.",
        wrong: "#[grad(wrt = x)]\nfn f(x: f64) -> f64 {\n    x\n}",
        remedy: "write `#[grad(wrt(x))]`.",
    }
    UnknownArgument = 2 {
        title: "unknown argument of the attribute",
        explanation: "The attribute knows `wrt(…)`, `name = …`, `crate = …`, `recursive`, `second`, `third`, `checkpoint`, `vjp = …`, `jvp = …`, `hvp = …` and `jacobian = …`.",
        wrong: "#[grad(respect_to(x))]\nfn f(x: f64) -> f64 {\n    x\n}",
        remedy: "correct the spelling, or remove it.",
    }
    RepeatedArgument = 3 {
        title: "an argument of the attribute is given twice",
        explanation: "Each argument of the attribute may be given once, and `wrt` names each parameter once.",
        wrong: "#[grad(wrt(x), wrt(y))]\nfn f(x: f64, y: f64) -> f64 {\n    x * y\n}",
        remedy: "put all parameters into one list: `#[grad(wrt(x, y))]`.",
    }
    NotYetArgument = 4 {
        title: "`skip` where there is nothing to leave out",
        explanation: "`#[grad(skip)]` leaves a method of an annotated block out. On a free function, or on the block itself, it \
                      has no meaning.",
        wrong: "#[grad(skip)]\nfn f(x: f64) -> f64 {\n    x * x\n}",
        remedy: "remove it.",
    }
    UnknownParameter = 5 {
        title: "`wrt` names something that is not a parameter",
        explanation: "`wrt(…)` lists the parameters to differentiate with respect to, by their names in the signature.",
        wrong: "#[grad(wrt(z))]\nfn f(x: f64) -> f64 {\n    x\n}",
        remedy: "name a parameter: `#[grad(wrt(x))]`.",
    }
    WrtConstant = 6 {
        title: "`wrt` names a parameter that holds no floats",
        explanation: "Only a parameter of floats can be differentiated with respect to: `f32`, `f64`, arrays, slices, \
                      `Vec`s and tuples of them, and references to these.",
        wrong: "#[grad(wrt(n))]\nfn f(x: f64, n: i32) -> f64 {\n    x.powi(n)\n}",
        remedy: "name a parameter of floats, or write its type out where it hides behind an alias.",
    }
    NothingToDifferentiate = 7 {
        title: "no parameter to differentiate with respect to",
        explanation: "The gradient is taken with respect to every parameter whose type holds floats, and this function \
                      has none. A type alias or a type of your own is not looked into.",
        wrong: "#[grad]\nfn f(n: i32) -> f64 {\n    f64::from(n)\n}",
        remedy: "remove the attribute, or write the type of the parameter out.",
    }
    NoResult = 8 {
        title: "the function has no result to differentiate",
        explanation: "A function has a derivative if it returns floats or writes them through a `&mut` parameter.",
        wrong: "#[grad]\nfn f(x: f64) -> bool {\n    x > 0.0\n}",
        remedy: "return the number that you want the gradient of, or remove the attribute.",
    }

    // The item.
    NotAFunction = 9 {
        title: "the attribute is not on a function",
        explanation: "`#[grad]` goes on a free function with a body, on an `impl` block for its methods, or on a trait for functions that are generic over it.",
        wrong: "#[grad]\nstruct S {\n    x: f64,\n}",
        remedy: "move the attribute to the function to differentiate, or to the block of the method.",
    }
    Method = 10 {
        title: "derivatives of a method have no place",
        explanation: "Derivatives of a method are methods of its type, `x.energy_grad(…)`, in a block of their own beside the user's. \
                      So the attribute goes on the block, also where a method has one with arguments of its own; and the type is one \
                      of this crate: derivatives have no place in a block for many types (`impl<T> Potential for T`), nor for a type of \
                      another crate. `self` is taken as `&self`, `&mut self` or `self`. A `&mut self` that is a constant has no methods \
                      with derivatives that take `&self`: until the reverse sweep asks them again, it may have changed. (On a function of a block in which neither `self` nor `Self` \
                      occurs, the macro cannot see where it is, and rustc says that an enum is not supported in traits or impls.)",
        wrong: "#[grad]\nfn energy(&self, x: f64) -> f64 {\n    x * x\n}",
        remedy: "put `#[grad]` on the `impl` block, or write a free function, and call it from the method.",
    }
    FunctionKind = 11 {
        title: "a kind of function that cannot be differentiated",
        explanation: "`async`, `unsafe`, `extern` and variadic functions have no derivative.",
        wrong: "#[grad]\nasync fn f(x: f64) -> f64 {\n    x * x\n}",
        remedy: "move the numerical part into a plain function and put the attribute there.",
    }
    GenericParameter = 12 {
        title: "a type parameter of which nothing says that it is a float",
        explanation: "Functions may be generic over lifetimes, over constants (`const N: usize`) and over floats: type parameters with \
                      a bound whose name says it, `Float` of num-traits, `RealField` of nalgebra, `Real` of grad. What other type \
                      parameters are, the macro cannot see. A function is one, too, `F: Fn(f64) -> f64` or `impl Fn(f64) -> f64`. Others, and other `impl Trait` parameters, are types \
                      of which the attribute says by `wrt(…)` whether they are differentiated: constants, or behind a reference and with tangents.",
        wrong: "#[grad]\nfn f<T: Copy + std::ops::Mul<Output = T>>(x: T) -> T {\n    x * x\n}",
        remedy: "bound it by one of these; where a trait of your own says it, `#[grad(scalar(T))]`; if it is no number, name what is differentiated, `#[grad(wrt(…))]`.",
    }
    ResultType = 13 {
        title: "a result type that cannot be differentiated",
        explanation: "A function may return floats, integers, `bool`s, arrays, `Vec`s and tuples of them, a type of your own, or \
                      nothing; and a `Result` or an `Option` of these. It cannot return a reference or `impl Trait`, nor an \
                      error that borrows from an argument without a lifetime that says from which.",
        wrong: "#[grad]\nfn f(x: &[f64]) -> &[f64] {\n    &x[1..]\n}",
        remedy: "return the values themselves: `Vec<f64>` or `[f64; N]`.",
    }
    ParameterType = 14 {
        title: "a parameter type that cannot be differentiated",
        explanation: "The type holds floats, but in a form of which the compiler does not know the derivative.",
        wrong: "#[grad]\nfn f(x: &[&mut f64]) -> f64 {\n    *x[0]\n}",
        remedy: "pass the floats as a scalar, an array, a slice, a `Vec`, or a tuple of these.",
    }

    // The size.
    TooDeep = 15 {
        title: "code that is nested too deeply",
        explanation: "Brackets and blocks may be nested 128 deep, operators 32 deep without a bracket between them.",
        wrong: "#[grad]\nfn f(x: f64) -> f64 {\n    ----------------------------------------x\n}",
        remedy: "name intermediate results with `let`, or move a part into a function of its own.",
    }
    TooLong = 16 {
        title: "an expression that is too long",
        explanation: "One expression may be about 4000 tokens long. Commas, semicolons and blocks start anew, so \
                      arrays and functions may be of any length.",
        wrong: "#[grad]\nfn f(x: f64) -> f64 {\n    x + x + x + x // … and so on, 2000 times\n}",
        remedy: "split the expression with `let`, or write a loop.",
    }
    ReservedName = 17 {
        title: "a name that is reserved",
        explanation: "Identifiers that begin with `__grad` belong to the generated code.",
        wrong: "#[grad]\nfn f(x: f64) -> f64 {\n    let __grad_x = x;\n    __grad_x * x\n}",
        remedy: "choose another name.",
    }
    TooManyCfgs = 18 {
        title: "too many `#[cfg]`s in one function",
        explanation: "A derivative is generated for every combination of the conditions inside the function, so at most \
                      four different ones are allowed. `#[cfg_attr]` is not looked into.",
        wrong: "#[grad]\nfn f(x: f64) -> f64 {\n    #[cfg(a)]\n    let x = x + 1.0;\n    #[cfg(b)]\n    let x = x + 1.0;\n    #[cfg(c)]\n    let x = x + 1.0;\n    #[cfg(d)]\n    let x = x + 1.0;\n    #[cfg(e)]\n    let x = x + 1.0;\n    x\n}",
        remedy: "put the conditional code into functions of their own.",
    }

    // The body.
    Expression = 19 {
        title: "an expression that is not supported",
        explanation: "The page of supported Rust lists what may stand in a function with a gradient. Where rustc says that a type of yours stands where the \
                      macro takes it for a float, nothing in the function tells the macro what a call returns: write the type, `let z: Complex = c.sqrt();`.",
        wrong: "#[grad]\nfn f(x: f64) -> f64 {\n    unsafe { x * x }\n}",
        remedy: "write it with supported expressions, or move constant parts into a function of their own.",
    }
    Statement = 20 {
        title: "a statement that is not supported",
        explanation: "The page of supported Rust lists what may stand in a function with a gradient.",
        wrong: "#[grad]\nfn f(x: f64) -> f64 {\n    static K: f64 = 2.0;\n    x * K\n}",
        remedy: "move the item out of the function.",
    }
    Pattern = 21 {
        title: "a pattern that is not supported",
        explanation: "Patterns of differentiated values are names, `_`, tuples, arrays, slices, references and, for \
                      integers and booleans, literals and ranges.",
        wrong: "#[grad]\nfn f(x: [f64; 2]) -> f64 {\n    let [a, rest @ ..] = x;\n    a * rest[0]\n}",
        remedy: "bind the whole with a name and take it apart with indices or fields.",
    }
    Macro = 22 {
        title: "a macro that is not known",
        explanation: "The compiler cannot look into a macro. It knows `vec!`, `assert!` and its kin, `panic!` and its kin, \
                      and leaves printing and logging as they are.",
        wrong: "#[grad]\nfn f(x: f64) -> f64 {\n    square!(x)\n}",
        remedy: "write the code out, or turn the macro into a function with `#[grad]`.",
    }
    UnknownMethod = 23 {
        title: "a method without a derivative",
        explanation: "The method is called on a differentiated value, and there is no rule for it. Or an operator of a type of \
                      yours has such a value on one side, and no `#[grad]` on its `impl`.",
        wrong: "#[grad]\nfn f(x: f64) -> f64 {\n    x.next_up()\n}",
        remedy: "compute it with methods that have a derivative. If none goes through it, say so: \
                 `grad::constant(x).next_up()`. Or write a function that computes it, and give that a rule: `#[grad(vjp = …)]`.",
    }
    Callee = 24 {
        title: "a call of something that is not a path",
        explanation: "A call with differentiated arguments must name the function, so that its derivative can be named, too.",
        wrong: "#[grad]\nfn f(x: f64, fs: &[fn(f64) -> f64]) -> f64 {\n    (fs[0])(x)\n}",
        remedy: "call a function with `#[grad]` by its path, or a closure bound with `let`.",
    }
    OpaqueActive = 25 {
        title: "a differentiated value disappears in code that the compiler does not look into",
        explanation: "The value depends on a parameter that is differentiated, and the result may depend on it, but the \
                      compiler does not know how. It never takes such a value for a constant.",
        wrong: "#[grad]\nfn f(x: f64) -> f64 {\n    let cell = std::cell::Cell::new(x);\n    cell.get() * x\n}",
        remedy: "use scalars, arrays, slices, `Vec`s, tuples, and types of yours with the derive for what is differentiated.",
    }
    UnknownType = 26 {
        title: "a type that is needed and not known",
        explanation: "The compiler sees the function only, not the types of what it calls, and what it does with the value \
                      depends on the type. Of a field of a type of yours that is converted, `s.count as f64`, it believes that it is an \
                      integer; where that is a float, rustc says so at the field, under this number.",
        wrong: "#[grad]\nfn f(x: f64) -> f64 {\n    let n = helper(x);\n    n as f64\n}",
        remedy: "annotate the type: `let n: usize = …`, `let y: f64 = …`; of a field, `let weight: f32 = s.weight;`.",
    }
    Closure = 27 {
        title: "a closure that cannot be followed",
        explanation: "A closure that captures or computes differentiated values is followed where it is bound by `let` and \
                      called by its name, where it is the argument of an iterator's method, and where it is passed to a function with \
                      `#[grad]`. It may not be stored or returned.",
        wrong: "#[grad]\nfn f(x: f64) -> f64 {\n    let fs = [|y| y * x, |y| y + x];\n    (fs[0])(2.0)\n}",
        remedy: "bind it with `let` and call it, or make it a function with `#[grad]`.",
    }
    Iterator = 28 {
        title: "an iterator chain that cannot be followed",
        explanation: "The chain uses an adaptor or a consumer without a derivative, or an iterator is kept in a variable.",
        wrong: "#[grad]\nfn f(x: &[f64]) -> f64 {\n    x.iter().by_ref().sum()\n}",
        remedy: "use a supported adaptor, or a `for` loop.",
    }
    Reference = 29 {
        title: "a reference that cannot be followed",
        explanation: "The compiler must know at every place what a reference points to. A reference to differentiated \
                      values may be bound once, passed to a function, and iterated; it may not be chosen at run time, \
                      stored, or reassigned.",
        wrong: "#[grad]\nfn f(x: &[f64], y: &[f64], c: bool) -> f64 {\n    let r = if c { x } else { y };\n    r[0]\n}",
        remedy: "choose an index or the value itself.",
    }
    Assignment = 30 {
        title: "an assignment or a swap that is not supported",
        explanation: "What is changed is not a variable, an element, a field of a tuple, or a dereference.",
        wrong: "#[grad]\nfn f(x: f64) -> f64 {\n    let mut a = (x, 1.0);\n    let b = &mut a;\n    std::mem::swap(b, &mut (x, x));\n    a.0\n}",
        remedy: "assign to a variable, `x[i]`, `t.0` or `*r`; swap variables, elements, arrays or `Vec`s.",
    }
    ControlFlow = 31 {
        title: "control flow that is not supported",
        explanation: "`break`, `continue`, `return` and loops are supported; `await`, `yield` and `try` are not. `?` is, where it leaves \
                      a function that returns a `Result` or an `Option`, or a closure that gives one whose error nobody asks for.",
        wrong: "#[grad]\nfn f(x: f64) -> Result<f64, String> {\n    let g = |y: f64| -> Result<f64, &str> { Ok((y > 0.0).then_some(y).ok_or(\"no\")? * x) };\n    Ok(g(x)? + x)\n}",
        remedy: "write the closure as a function with `#[grad]`, or leave from a loop.",
    }
    Nested = 32 {
        title: "the derivative of a derivative",
        explanation: "Inside a function with `#[grad]`, `f::grad`, `f::value_and_grad` and `f::jvp` can be called with differentiated arguments if `f` has `#[grad(second)]`; their siblings cannot. Inside of a function with `#[grad(second)]`, `f` has `#[grad(third)]`.",
        wrong: "#[grad]\nfn g(x: f64) -> f64 {\n    x * x\n}\n#[grad]\nfn f(x: f64) -> f64 {\n    g::vjp(x).1(1.0)\n}",
        remedy: "call `g::grad`, `g::value_and_grad` or `g::jvp`.",
    }

    // Rules of the user's own.
    RuleOutput = 33 {
        title: "a rule for reverse mode on a function that writes through `&mut`",
        explanation: "A rule given by `vjp = …` maps the cotangent of the result to those of the parameters. What the \
                      function writes through a `&mut` parameter is a result that the rule would not hear of. A rule for \
                      forward mode, `jvp = …`, gets the tangent of such a parameter in-out, and may be given.",
        wrong: "#[grad(vjp = fill_rule)]\nfn fill(x: f64, out: &mut [f64]) {\n    out.fill(x);\n}",
        remedy: "return what is written, and write it in a function that calls this one.",
    }
    RuleSecond = 34 {
        title: "second derivatives of a function with a rule of its own",
        explanation: "A rule says what the first derivative is, and is not differentiated itself. Second derivatives \
                      are those of a rule for them, `hvp = …`: a function of the shape of `f::hvp`, beside `vjp = …` and \
                      `jvp = …`, of a function that returns one number.",
        wrong: "#[grad(second, vjp = cube_rule)]\nfn cube(x: f64) -> f64 {\n    x * x * x\n}",
        remedy: "give all three rules; or remove `second`.",
    }
    Hook = 35 {
        title: "a hook that cannot be put there",
        explanation: "`grad::with_cotangent(x, |x_bar| …)` shows the cotangent of a number to the hook, in the reverse \
                      sweep. The hook may read constants, and change only what can be changed through `&`, like a `Cell`.",
        wrong: "#[grad]\nfn f(x: [f64; 2]) -> f64 {\n    let y = grad::with_cotangent(x, |x_bar| x_bar);\n    y[0] * y[1]\n}",
        remedy: "put the hook on numbers, one by one, and let it read constants only.",
    }
    JacobianMode = 40 {
        title: "a mode for a Jacobian that is not there",
        explanation: "`jacobian = forward` and `jacobian = reverse` say how `f::jacobian` is computed. It is there where the \
                      function returns an array, a tuple or a `Vec` of floats and writes nothing, or returns nothing and \
                      writes one `&mut` parameter. By columns (`forward`) the function runs several times, so that it must \
                      not change a constant behind `&mut`.",
        wrong: "#[grad(jacobian = forward)]\nfn f(x: f64) -> f64 {\n    x * x\n}",
        remedy: "leave it out.",
    }
    Checkpoint = 41 {
        title: "no loop to run again",
        explanation: "`checkpoint` is for counted `for` loops that are in no branch and no other loop, and not behind an early `return`. In place of a record of \
                      all passes, the reverse sweep runs them again, √n at a time. A pass must then do again what it did: it \
                      may not `break`, change what the compiler does not look into, or call functions that have no \
                      derivative; and memory that changes must be of arrays, `Vec`s and tuples of numbers.",
        wrong: "#[grad(checkpoint)]\nfn f(x: f64) -> f64 {\n    let mut y = x;\n    while y < 100.0 {\n        y *= y;\n    }\n    y\n}",
        remedy: "write the long loop as `for k in 0..n`, without `break`; or remove `checkpoint`.",
    }
    Third = 42 {
        title: "derivatives above the second of a function with a rule of its own",
        explanation: "Rules say what the first two derivatives are: `vjp = …`, `jvp = …` and `hvp = …`. There is no rule for \
                      the third, so that the derivatives of such a function end with the second.",
        wrong: "#[grad(third, vjp = cube_rule)]\nfn cube(x: f64) -> f64 {\n    x * x * x\n}",
        remedy: "leave `third` out; or remove the rules, and let the body be differentiated.",
    }
    DeriveType = 43 {
        title: "a type that no step can be taken in",
        explanation: "`#[derive(Differentiable)]` makes a type a point, to which tangents can be added. It takes structs and \
                      enums that own what they hold; references, raw pointers and functions are data, and unions do not say \
                      what is there. A field of another type of yours asks for the derive on that type: where it lacks, \
                      rustc reports it at the field.",
        wrong: "#[derive(grad::Differentiable)]\nstruct Model<'a> {\n    scale: f64,\n    data: &'a [f64],\n}",
        remedy: "own the floats, as a `Vec`; or write `#[grad(constant)]` on fields that are data.",
    }
    DeriveAttribute = 44 {
        title: "what `#[grad(..)]` does not say inside of a derive",
        explanation: "Below `#[derive(Differentiable)]`, the type takes `#[grad(crate = path)]` and each field \
                      `#[grad(constant)]`: its tangent is then `()`.",
        wrong: "#[derive(grad::Differentiable)]\nstruct Spring {\n    #[grad(fixed)]\n    rest: f64,\n}",
        remedy: "write `#[grad(constant)]`, or nothing.",
    }
    Undecided = 45 {
        title: "a parameter of which nothing is said",
        explanation: "Of a type of your own, or of an alias like `type State = [f64; 3]`, the macro cannot see whether it holds \
                      floats. Where the function looks into such a parameter, the attribute must say what is to be \
                      differentiated, so that nothing is taken for a constant in silence.",
        wrong: "struct Spring {\n    k: f64,\n}\n\n#[grad]\nfn energy(spring: &Spring, x: f64) -> f64 {\n    0.5 * spring.k * x * x\n}",
        remedy: "`#[grad(wrt(spring, x))]` to differentiate with respect to both, `#[grad(wrt(x))]` for a constant spring.",
    }
    FunctionParameter = 46 {
        title: "a function as a parameter, in a form that cannot be differentiated",
        explanation: "A parameter that is a function is `f: impl Fn(f64) -> f64`, or of a type parameter with such a bound, `F: Fn(&[f64]) -> \
                      f64`. It takes up to four inputs: floats, arrays, `Vec`s, tuples of them, types of your own, shared \
                      references to these, and integers; and returns what it computes. Of `&dyn Fn(…)` and `fn(…) -> …` nobody sees the derivative. \
                      What is passed, in a function with `#[grad]`, is a function with `#[grad]` by its path, a closure written at the call, or such a parameter.",
        wrong: "#[grad]\nfn twice(f: impl Fn(&mut [f64]), x: f64) -> f64 {\n    let mut y = [x];\n    f(&mut y);\n    y[0]\n}",
        remedy: "let the function return what it computes.",
    }
    AnnotatedTrait = 47 {
        title: "a trait that cannot promise a derivative",
        explanation: "`#[grad]` on a trait lets functions that are generic over it differentiate through its methods: each `impl` of it is \
                      annotated, too, with the same `wrt(…)`, and with `second` where the trait has it. Type parameters of such a trait are constants of its methods, behind `&`; such a method takes `&self` and \
                      up to four inputs, floats, arrays, slices, `Vec`s, tuples of them, types of your own, or constants, and returns what it computes. It may have a body \
                      in the trait, which no `impl` replaces: the trait knows the derivatives of its own. Where its methods are called of objects, \
                      `&dyn Kernel`, the trait has `#[grad(dyn, wrt(…))]`, and `self` is a constant.",
        wrong: "#[grad]\ntrait Kernel {\n    fn k(&self, x: f64) -> f64;\n    fn write(&self, x: &[f64], out: &mut [f64]);\n}",
        remedy: "let `write` return what it computes; or leave it out by `#[grad(skip)]`.",
    }
    InPlace = 48 {
        title: "a closure in `grad::function!` that cannot be differentiated in its place",
        explanation: "`grad::function!` takes a closure whose parameters have their types, and which returns floats: its derivatives are with \
                      respect to its parameters, and what it captures is constant. Nothing that is captured may be changed, since one \
                      evaluation would then be another function than the next.",
        wrong: "let mut calls = 0;\nlet fit = grad::function!(|x: f64| -> f64 {\n    calls += 1;\n    x * x\n});",
        remedy: "let the closure return what it computes; bind what it changes inside of it.",
    }
    Incomplete = 50 {
        title: "a derivative that would not be complete",
        explanation: "Every derivative is compared with the function it was made of, before it is written out: whatever may \
                      carry a derivative to the result must have its part in it. Here a part is missing. This is a mistake \
                      of the compiler's, not of yours; without this error, the derivative would be wrong.",
        wrong: "",
        remedy: "please report it, with the function. Until it is repaired, write the expression in another way, with a `let` \
                 for each of its parts.",
    }
    Internal = 51 {
        title: "the compiler panicked",
        explanation: "A mistake of the compiler's, not of yours: it met something that it takes for impossible. The message has \
                      its words. The function itself is there, its derivatives are not.",
        wrong: "",
        remedy: "please report it, with the function. Until it is repaired, write the function in another way, with a `let` \
                 for each part of its expressions.",
    }
}
