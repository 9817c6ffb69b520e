//! What NIST certifies, against the models, and Levenberg–Marquardt against both.

use grad::Residuals;
use grad::descent::LevenbergMarquardt;
use nist::{data, runs, table};

#[test]
fn the_models_have_the_certified_sums_of_squares() {
    let sets = data::all();
    assert_eq!(sets.len(), 27);
    for set in &sets {
        let mut r = vec![0.0; set.y.len()];
        runs::fit(set).residuals_into(&set.certified, &mut r);
        let sum: f64 = r.iter().map(|r| r * r).sum();
        let digits = data::digits(sum, set.sum_of_squares);
        // The parameters have eleven digits, and so the sum has as many, unless it is next to nothing.
        let expected = if set.name == "Lanczos1" { 0.0 } else { 9.9 };
        assert!(digits >= expected && sum < 1.0e5, "{}: {sum:e}, not {:e}", set.name, set.sum_of_squares);
    }
}

#[test]
fn the_jacobians_agree_with_differences() {
    for set in &data::all() {
        for start in &set.starts {
            let mut fit = runs::fit(set);
            let (m, n) = (set.y.len(), start.len());
            let mut jacobian = vec![0.0; m * n];
            fit.jacobian_into(start, &mut jacobian);
            for j in 0..n {
                // In units of the parameter, some of which are tiny.
                let mut at = |factor: f64| {
                    let (mut b, mut r) = (start.clone(), vec![0.0; m]);
                    b[j] *= factor;
                    fit.residuals_into(&b, &mut r);
                    r
                };
                let h = 1e-4;
                let (far, near) = ([at(1.0 - h), at(1.0 + h)], [at(1.0 - h / 2.0), at(1.0 + h / 2.0)]);
                let size = jacobian.chunks(n).fold(0.0, |size: f64, row| size.max(row[j].abs()));
                for i in 0..m {
                    let slope =
                        |[low, high]: &[Vec<f64>; 2], h: f64| (high[i] - low[i]) / (2.0 * h * start[j]);
                    // Richardson: the error of both is nearly in the ratio 4.
                    let difference = (4.0 * slope(&near, h / 2.0) - slope(&far, h)) / 3.0;
                    let error = (difference - jacobian[i * n + j]).abs();
                    let rounding = 1e-10 * set.y[i].abs().max(1.0) / start[j].abs();
                    assert!(error <= 1e-7 * size + rounding, "{} {i} {j}: {error:e} of {size:e}", set.name);
                }
            }
        }
    }
}

#[test]
fn levenberg_marquardt_finds_what_is_certified_and_knows_when() {
    let (mut claims, mut evaluations) = (0, 0);
    for set in &data::all() {
        for start in &set.starts {
            let run = runs::levenberg_marquardt(set, start);
            assert!(run.digits >= 4.0, "{}: {}", set.name, run.digits);
            if run.claims {
                claims += 1;
                assert!(run.digits >= 6.0, "{}: {} digits, {}", set.name, run.digits, run.ended);
                assert!(run.cosine <= 1.001e-8 || run.ended == "SmallResiduals", "{}", set.name);
            }
            evaluations += run.evaluations;
        }
    }
    assert!(claims >= 50, "{claims}");
    assert!(evaluations <= 2698, "{evaluations}");
}

#[test]
fn the_dogleg_says_nothing_that_is_not_true() {
    let (mut claims, mut right) = (0, 0);
    for set in &data::all() {
        for start in &set.starts {
            let run = runs::dogleg(set, start);
            right += usize::from(run.digits >= 4.0);
            if run.claims {
                claims += 1;
                assert!(run.digits >= 5.9, "{}: {} digits, {}", set.name, run.digits, run.ended);
            }
        }
    }
    assert!(claims >= 45 && right >= 50, "{claims} {right}");
}

#[test]
fn standard_errors_are_the_certified_deviations() {
    for set in &data::all() {
        let fit = LevenbergMarquardt::default().fit(&mut runs::fit(set), set.starts[1].clone()).unwrap();
        assert_eq!(fit.degrees_of_freedom, set.y.len() - set.certified.len());
        // Of Lanczos1, the residuals at the solution are rounding.
        if set.name != "Lanczos1" {
            let digits = data::digits(fit.sum_of_squares, set.sum_of_squares);
            assert!(digits >= 7.0, "{}: {digits} digits of the sum of squares", set.name);
            let errors = fit.standard_errors.expect("the parameters are determined");
            for (j, (error, certified)) in errors.iter().zip(&set.deviations).enumerate() {
                let digits = data::digits(*error, *certified);
                assert!(digits >= 5.0, "{} {j}: {error:e}, not {certified:e}", set.name);
            }
        }
    }
}

#[test]
fn the_table_of_the_book_is_what_the_program_makes() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/descent-methods.md");
    let page = std::fs::read_to_string(&path).expect("the page is there");
    let mark = "<!-- nist --table -->\n";
    let start = page.find(mark).expect("the page has the table") + mark.len();
    let end = start + page[start..].find("<!-- end -->").expect("the table has an end");
    let mut new = page.clone();
    new.replace_range(start..end, &table::table(&data::all()));
    if new != page {
        assert!(
            std::env::var_os("UPDATE_EXPECT").is_some(),
            "the table differs: run this with UPDATE_EXPECT=1"
        );
        std::fs::write(path, new).expect("the page can be written");
    }
}
