//! The shape of the sweeps where it was chosen to be fast: which way mirror loops run, what is recorded and how.

use grad_compiler::args::Args;
use grad_compiler::diag::Errors;
use grad_compiler::{emit, expand};

/// All that is written for a function.
fn expansion(source: &str) -> String {
    let item: syn::ItemFn = syn::parse_str(source).unwrap();
    let mut errors = Errors::new();
    let args = Args::default();
    let passes = expand::passes(&mut errors, &item, &args);
    let passes = passes.unwrap_or_else(|| panic!("{:?}", errors.messages()));
    prettyplease::unparse(&syn::parse2(emit::emit(&item, &args, &passes.derivatives())).unwrap())
}

/// Whether the mirror image of a loop over `1..n` that changes the element with this index runs forwards.
fn runs_forwards(index: &str) -> bool {
    let text = expansion(&format!(
        "fn f(x: &[f64], y: &mut [f64], n: usize, k: usize) {{
            for i in 1..n {{ y[{index}] = y[{index}] * x[i]; }}
        }}"
    ));
    assert!(text.matches("in 1..n").count() > 1, "{text}");
    !text.contains("rev(1..n)")
}

#[test]
fn loops_over_shifted_elements_are_mirrored_forwards() {
    for index in ["i", "i - 1", "i + 1", "i + k", "k + i", "n - i", "k * n + i", "(k + 1) * n + i - 1"] {
        assert!(runs_forwards(index), "{index}");
    }
}

#[test]
fn loops_that_may_come_to_an_element_again_are_mirrored_backwards() {
    for index in ["k", "i / 2", "i % 3", "i * k", "i + i", "i - i", "k - i + i", "i.min(k)", "(i - 1) / 2"] {
        assert!(!runs_forwards(index), "{index}");
    }
}

#[test]
fn a_partial_that_the_primal_has_is_not_computed_again() {
    let both = expansion("fn f(x: f64) -> f64 { x.sin() * x.cos() }");
    let joint = both.split("fn joint").nth(1).unwrap().split("fn forward").next().unwrap();
    assert_eq!(joint.matches(".sin()").count() + joint.matches(".cos()").count(), 2, "{joint}");
    // In another arm it was not computed.
    let apart = expansion("fn f(x: f64) -> f64 { if x > 0.0 { x.sin() } else { x.cos() } }");
    let joint = apart.split("fn joint").nth(1).unwrap().split("fn forward").next().unwrap();
    assert_eq!(joint.matches(".sin()").count() + joint.matches(".cos()").count(), 4, "{joint}");
}

#[test]
fn what_a_pass_records_beside_a_pullback_is_one_thing() {
    let source = "fn f(x: &[f64], y: &mut [f64]) {
        for i in 0..x.len() {
            let a = g(y[i] * x[i]);
            let b = g(a);
            y[i] = a * b;
        }
    }";
    let text = expansion(source);
    let joint = text.split("fn joint").nth(1).unwrap().split("fn forward").next().unwrap();
    assert_eq!(joint.matches("record_tape.push(").count(), 1, "{joint}");
    assert_eq!(joint.matches("with_capacity(").count(), 1, "{joint}");
    assert_eq!(joint.matches("vec!").count(), 0, "{joint}");
}

#[test]
fn numbers_alone_have_buffers_that_become_vectors() {
    let text = expansion(
        "fn f(x: &[f64], y: &mut [f64]) { for i in 0..x.len() { y[i] = (y[i] * x[i]).exp().sin(); } }",
    );
    assert!(!text.contains("record_tape"), "{text}");
    assert!(text.contains("_tape["), "{text}");
}

/// Both sweeps of rows of a triangle, over memory of this type.
fn triangle(of: &str) -> String {
    let source = format!(
        "fn f(l: &[f64], v: &[f64], out: &mut {of}) {{
            let mut p = 0;
            for i in 0..v.len() {{ for j in i + 1..v.len() {{ out[j] += l[p] * v[i]; p += 1; }} }}
        }}"
    );
    let text = expansion(&source);
    text.split("fn joint").nth(1).unwrap().split("fn forward").next().unwrap().to_owned()
}

#[test]
fn parts_begin_where_a_loop_or_a_counter_does() {
    let slices = triangle("[f64]");
    assert_eq!(slices.matches("first_of(").count(), 2, "{slices}");
    assert_eq!(slices.matches("::fours(").count(), 1, "{slices}");
    // How many passes there are, rustc knows of an array.
    let arrays = triangle("[f64; 9]");
    assert_eq!(arrays.matches("first_of(").count(), 0, "{arrays}");
}

#[test]
fn few_numbers_have_room_on_the_stack_where_both_sweeps_are_in_one_function() {
    let text = expansion("fn f(x: &[f64]) -> f64 { let mut p = 1.0; for v in x { p = (p * v).sin(); } p }");
    let (joint, split) = text.split("fn joint").nth(1).unwrap().split_once("fn forward").unwrap();
    assert_eq!(joint.matches("few_or_many(").count(), 1, "{joint}");
    // Callers may lend it memory.
    let split = split.split("impl<__GradHolder").nth(1).unwrap();
    // The reverse sweep of the other form is a closure, which would have to be moved with them.
    assert_eq!(split.matches("few_or_many(").count(), 0, "{split}");
    assert!(split.contains("lent.tape(0, x_len)"), "{split}");
}

#[test]
fn copies_of_numbers_lie_on_one_tape() {
    let text = expansion(
        "fn f(x: &[f64], n: usize) -> f64 {
            let mut v = x.to_vec();
            for i in 0..n { v[0] = g(&v); }
            v[0]
        }",
    );
    let joint = text.split("fn joint").nth(1).unwrap().split("fn forward").next().unwrap();
    assert_eq!(joint.matches("extend_from_slice(").count(), 1, "{joint}");
    assert_eq!(joint.matches("clone(").count(), 0, "{joint}");
    // How long each is, `v` says, which stays as long as it is.
    assert_eq!(joint.matches("len_tape").count(), 0, "{joint}");
    // Its place is made in front of the loop.
    assert!(
        joint.contains("times(") && joint.contains("seen_tape = ::grad::__private::vec::Vec::with_capacity"),
        "{joint}"
    );
}

#[test]
fn a_power_without_a_derivative_is_computed_again_forwards() {
    let text = expansion(
        "fn f(c: &[f64], t: f64) -> f64 {
            let (mut value, mut power) = (0.0, 1.0);
            for c in c { value += c * power; power *= t; }
            value
        }",
    );
    // The cotangent of `t` asks for the powers backwards; a caller to whom it is a constant records nothing.
    let [all, given] = ["fn forward_of_all", "fn forward_given"]
        .map(|name| text.split(name).nth(1).unwrap().split("    fn ").next().unwrap());
    assert!(all.contains("power_tape") && all.contains("rev("), "{all}");
    assert!(!given.contains("power_tape") && !given.contains("rev("), "{given}");
    assert_eq!(given.matches("::fours_by(").count(), 1, "{given}");
    // Where both need it, there is one form.
    let text =
        expansion("fn f(x: f64, t: f64) -> f64 { let mut y = x; for _ in 0..9 { y = y.sin() * t; } y }");
    assert!(!text.contains("forward_given"), "{text}");
}

#[test]
fn what_is_handed_on_is_recorded_where_passes_have_their_order() {
    let split = |body: &str| {
        let text = expansion(&format!("fn f(x: &[f64], y: &mut [f64]) -> f64 {{ {body} }}"));
        let (_, forward) = text.split_once("fn forward").unwrap();
        // On memory that callers lend, where anything is recorded.
        match text.split_once("impl<__GradHolder") {
            Some((_, on)) => on.to_owned(),
            None => forward.split("fn tangent").next().unwrap().to_owned(),
        }
    };
    let along = split("let mut t = 0.75; for i in 0..x.len() { y[i] = t * x[i]; t = t * 0.5; } 0.0");
    assert!(!along.contains("_tape") && !along.contains("rev("), "{along}");
    // Each pass reads what the one before has written: the mirror loop runs backwards.
    let chained = split("let mut t = 0.75; for i in 1..x.len() { y[i] = t * y[i - 1]; t = t * 0.5; } 0.0");
    assert!(chained.contains("t_tape") && chained.contains("rev("), "{chained}");
    // A step that costs much is not made twice.
    let costly = split("let mut t = 0.75; for i in 0..x.len() { y[i] = t * x[i]; t = t.exp(); } 0.0");
    assert!(costly.contains("_tape"), "{costly}");
}

#[test]
fn callees_in_loops_are_lent_memory_where_each_pullback_runs() {
    let joint = |body: &str| {
        let text = expansion(&format!("fn f(x: &[f64], y: &mut [f64], n: usize) -> f64 {{ {body} }}"));
        text.split("fn joint").nth(1).unwrap().split("fn forward").next().unwrap().to_owned()
    };
    let lent = joint("let mut s = 1.0; for _ in 0..n { s *= g(y, x); } s");
    assert_eq!(lent.matches("__grad_on(lent[0].lend(").count(), 1, "{lent}");
    // Once; with numbers only; where some are not chosen.
    for body in [
        "let s = g(y, x); s * s",
        "let mut s = 1.0; for i in 0..n { s *= g(x[i]); } s",
        "let mut s = 0.0; for i in 0..n { s = f64::max(s, g(&x[i..])); } s * s",
    ] {
        let joint = joint(body);
        assert!(!joint.contains("__grad_on"), "{body}: {joint}");
    }
    // The tapes are taken from there, and the cotangent of what is done with lies there.
    let text = expansion(
        "fn f(x: &[f64], n: usize) -> f64 { let mut y = x.to_vec(); for i in 1..n { y[i] = (y[i - 1] * x[i]).sin(); } y[n - 1] }",
    );
    assert!(
        text.contains("fn __grad_on<") && text.contains("lent.tape(0,") && text.contains("::cleared(y)"),
        "{text}"
    );
}

#[test]
fn halves_are_split_in_front_of_a_call() {
    let text = expansion(
        "fn f(x: &mut [f64], k: usize) { let (a, b) = x.split_at_mut(k); let (b, c) = b.split_at_mut(k); g(a, c, b); }",
    );
    let joint = text.split("fn joint").nth(1).unwrap().split("fn forward").next().unwrap();
    assert_eq!(joint.matches(".split_at_mut(").count(), 4, "{joint}");
    assert_eq!(joint.matches("to_vec").count(), 0, "{joint}");
}

/// The joint form of a function.
fn joint(source: &str) -> String {
    let text = expansion(source);
    text.split("fn joint").nth(1).unwrap().split("fn forward").next().unwrap().to_owned()
}

/// How often each of these words stands in a text.
fn counts<const N: usize>(text: &str, words: [&str; N]) -> [usize; N] {
    words.map(|word| text.matches(word).count())
}

#[test]
fn elements_of_arrays_are_taken_out_in_front_of_loops() {
    let words = ["::elements(", "::elements_mut(", "::elements_of_slot(", "put_back()", "nth("];
    for (source, expected) in [
        ("fn f(a: &Array1<f64>) -> Array1<f64> { a.mapv(|x| x * x.sin()) }", [2, 3, 0, 3, 0]),
        ("fn f(a: &mut Array1<f64>) { a.mapv_inplace(|x| x * x.sin()); }", [0, 2, 0, 2, 0]),
    ] {
        let text = joint(source);
        assert_eq!(counts(&text, words), expected, "{text}");
    }
}

#[test]
fn sums_run_in_fours_over_neighbours_only() {
    let sums = |element: &str| {
        joint(&format!(
            "fn f(v: &[f64], m: usize, out: &mut [f64]) {{
                let w = [0.5, 0.25, 0.125];
                for i in 0..v.len() {{ for j in 0..m {{ out[j] += {element} * v[i]; }} }}
            }}"
        ))
    };
    // The passes of the function, and their mirror images.
    let words = ["::fours(", "for i in 0..v_len"];
    let found = ["w[2]", "w[m - 1 - j]"].map(|element| counts(&sums(element), words));
    assert_eq!(found, [[1, 2], [0, 2]]);
}

#[test]
fn few_passes_that_are_written_down_have_an_array() {
    let of = |passes: &str| {
        joint(&format!(
            "fn f(x: f64) -> f64 {{ let mut p = x; for _ in 0..{passes} {{ p = (p * x).sin(); }} p }}"
        ))
    };
    let words = ["[0.0_f64; 9]", "[0.0_f64; 900]", "few_or_many("];
    let nest = joint(
        "fn f(x: &[f64]) -> f64 {
            let mut s = 0.0;
            for x in x { let mut p = *x; for _ in 0..9 { p = (p * x).sin(); } s += p; }
            s
        }",
    );
    assert_eq!(counts(&nest, words), [1, 0, 0], "{nest}");
    assert_eq!([counts(&of("9"), words), counts(&of("900"), words)], [[1, 0, 0], [0, 0, 1]]);
}

#[test]
fn partials_of_literals_are_numbers_where_there_are_such() {
    let text = joint("fn f(x: f64) -> f64 { x.log(2.0) + x.log(0.0) + x.log(-2.0) }");
    assert_eq!(counts(&text, ["1.4426950408889634", ".ln()", "inf", "NaN"]), [1, 2, 0, 0], "{text}");
}

#[test]
fn what_is_the_same_in_all_passes_is_asked_in_front_of_them() {
    let text = joint(
        "fn f(x: &[f64], y: f64) -> f64 {
            let mut nearest = f64::INFINITY;
            for v in x { nearest = nearest.min((v - y) * (v - y)); }
            nearest.sin()
        }",
    );
    let words = ["end_1 == first_1 + 1", "rev(first_1..end_1)", "min_weight("];
    assert_eq!(counts(&text, words), [1, 2, 1], "{text}");
}

#[test]
fn rows_are_looked_up_once_and_used() {
    let text = joint(
        "fn f(w: &[Vec<f64>], v: &[f64], out: &mut [f64]) {
            for i in 0..w.len() { for j in 0..v.len() { out[i] += w[i][j] * v[j]; } }
        }",
    );
    assert_eq!(counts(&text, ["w_bar.get_mut(i)", "w_row_part[j] +=", "w_bar[i]"]), [1, 1, 0], "{text}");
}

#[test]
fn lanes_that_do_not_flow_are_told_apart() {
    let text = expansion("fn f(x: &[f64]) -> f64 { x[0].sqrt() }");
    assert_eq!(counts(&text, ["where_flows(", ".flows()"]), [1, 1], "{text}");
}
