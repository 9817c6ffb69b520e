//! Items that are looked for, combined or kept, in pairs, copied or made by calls.

use crate::support::check;
use grad::grad;

#[grad(second)]
fn two(x: f64) -> (f64, f64) {
    (x * x, 3.0 * x)
}

#[grad(second)]
fn h(x: f64) -> f64 {
    x.sin()
}

#[grad(second)]
fn rotate(v: &[f64; 2], t: f64) -> [f64; 2] {
    [v[0] * t, v[1] + t]
}

#[grad(second)]
fn copied(p: &[(f64, f64)]) -> f64 {
    let best = p.iter().copied().max_by(|a, b| a.0.total_cmp(&b.0)).unwrap();
    best.0 * best.1
}

#[grad(second)]
fn smallest(p: &[(f64, f64)]) -> f64 {
    let best = p.iter().copied().min_by(|a, b| a.0.total_cmp(&b.0)).unwrap();
    best.0 * best.1
}

#[grad(second)]
fn cloned_apart(p: &[(f64, f64)]) -> f64 {
    let (a, b) = p.iter().cloned().max_by(|a, b| a.0.total_cmp(&b.0)).unwrap();
    a * b
}

#[grad(second)]
fn derefed(p: &[(f64, f64)]) -> f64 {
    let best = p.iter().map(|p| *p).max_by(|a, b| a.0.partial_cmp(&b.0).unwrap()).unwrap();
    best.0 * best.1
}

#[grad(second)]
fn by_ref(p: &[(f64, f64)]) -> f64 {
    let best = p.iter().max_by(|a, b| a.0.total_cmp(&b.0)).unwrap();
    best.0 * best.1
}

#[grad(second)]
fn filtered(p: &[(f64, f64)]) -> f64 {
    let best = p.iter().copied().filter(|p| p.1 > 0.0).max_by(|a, b| a.0.total_cmp(&b.0)).unwrap();
    best.0 * best.1
}

#[grad(second)]
fn filtered_by_ref(p: &[(f64, f64)]) -> f64 {
    let best = p.iter().filter(|p| p.1 > 0.0).max_by(|a, b| a.0.total_cmp(&b.0)).unwrap();
    best.0 * best.1
}

#[grad(second)]
fn of_results(v: &[f64]) -> f64 {
    let best = v.iter().map(|x| two(*x)).max_by(|a, b| a.0.total_cmp(&b.0)).unwrap();
    best.0 * best.1
}

#[grad(second)]
fn of_results_apart(v: &[f64]) -> f64 {
    let (a, b) = v.iter().map(|x| two(*x)).min_by(|a, b| a.0.total_cmp(&b.0)).unwrap();
    a * b
}

#[grad(second)]
fn of_filtered_results(v: &[f64]) -> f64 {
    let best = v.iter().map(|x| two(*x)).filter(|t| t.1 > 0.5).max_by(|a, b| a.0.total_cmp(&b.0)).unwrap();
    best.0 * best.1
}

#[grad(second)]
fn of_numbers(v: &[f64]) -> f64 {
    v.iter().map(|x| h(*x)).max_by(|a, b| a.total_cmp(b)).unwrap()
}

#[grad(second)]
fn of_numbers_by_path(v: &[f64]) -> f64 {
    v.iter().copied().map(h).max_by(f64::total_cmp).unwrap()
}

#[grad(second)]
fn folded_max(v: &[f64]) -> f64 {
    v.iter().map(|x| h(*x)).fold(f64::NEG_INFINITY, f64::max)
}

#[grad(second)]
fn reduced(v: &[f64]) -> f64 {
    v.iter().map(|x| h(*x)).reduce(|a, b| a * b).unwrap()
}

#[grad(second)]
fn reduced_max(v: &[f64]) -> f64 {
    v.iter().map(|x| h(*x)).reduce(f64::max).unwrap()
}

#[grad(second)]
fn reduced_pairs(v: &[f64]) -> f64 {
    let t = v.iter().map(|x| two(*x)).reduce(|a, b| (a.0 * b.1, a.1 + b.0)).unwrap();
    t.0 * t.1
}

#[grad(second)]
fn reduced_copied(p: &[(f64, f64)]) -> f64 {
    let t = p.iter().copied().reduce(|a, b| (a.0 * b.1, a.1 + b.0)).unwrap();
    t.0 * t.1
}

#[grad(second)]
fn reduced_filtered(p: &[(f64, f64)]) -> f64 {
    let t = p.iter().copied().filter(|p| p.0 > 0.0).reduce(|a, b| (a.0 * b.1, a.1 + b.0)).unwrap();
    t.0 * t.1
}

#[grad(second)]
fn last_filtered(p: &[(f64, f64)]) -> f64 {
    let t = p.iter().copied().filter(|p| p.0 > 0.0).last().unwrap();
    t.0 * t.1
}

#[grad(second)]
fn found(p: &[(f64, f64)]) -> f64 {
    let t = p.iter().copied().find(|p| p.0 > 0.5).unwrap();
    t.0 * t.1
}

#[grad(second)]
fn found_result(v: &[f64]) -> f64 {
    let t = v.iter().map(|x| two(*x)).find(|t| t.0 > 0.5).unwrap();
    t.0 * t.1
}

#[grad(second)]
fn found_number(v: &[f64]) -> f64 {
    v.iter().map(|x| h(*x)).find(|t| *t > 0.1).unwrap()
}

#[grad(second)]
fn found_or(p: &[(f64, f64)]) -> f64 {
    let t = p.iter().copied().find(|p| p.0 > 0.5).unwrap_or((1.0, 2.0));
    t.0 * t.1
}

#[grad(second)]
fn found_if_let(p: &[(f64, f64)]) -> f64 {
    if let Some((a, b)) = p.iter().copied().find(|p| p.0 > 0.5) { a * b } else { p[0].0 }
}

#[grad(second)]
fn nth_of_filtered(v: &[f64]) -> f64 {
    let t = v.iter().map(|x| two(*x)).filter(|t| t.0 > 0.5).nth(0).unwrap();
    t.0 * t.1
}

#[grad(second)]
fn kept(v: &[f64]) -> f64 {
    let kept: Vec<(f64, f64)> = v.iter().map(|x| two(*x)).filter(|t| t.1 > 0.0).collect();
    kept[0].0 * kept.len() as f64
}

#[grad(second)]
fn kept_unannotated(v: &[f64]) -> f64 {
    let kept: Vec<_> = v.iter().map(|x| two(*x)).filter(|t| t.1 > 0.0).collect();
    let mut s = 0.0;
    for (a, b) in &kept {
        s += a * b;
    }
    s + kept[0].1
}

#[grad(second)]
fn kept_rows(v: &[f64]) -> f64 {
    let kept: Vec<[f64; 2]> = v.iter().map(|x| rotate(&[*x, 1.0], *x)).filter(|t| t[1] > 0.0).collect();
    kept[0][0] * kept[0][1]
}

#[grad(second)]
fn kept_numbers(v: &[f64]) -> f64 {
    let kept: Vec<f64> = v.iter().map(|x| h(*x)).filter(|t| *t > 0.0).collect();
    kept[0] * kept.len() as f64
}

#[grad(second)]
fn kept_while(v: &[f64]) -> f64 {
    let kept: Vec<(f64, f64)> = v.iter().map(|x| two(*x)).take_while(|t| t.1 > 0.0).collect();
    kept[0].0 * kept.len() as f64
}

#[grad(second)]
fn kept_mapped(v: &[f64]) -> f64 {
    v.iter().map(|x| two(*x)).filter(|t| t.1 > 0.0).map(|t| t.0 * t.1).sum()
}

#[grad(second)]
fn chained(p: &[(f64, f64)]) -> f64 {
    p.iter().copied().chain([(0.5, 2.0)]).map(|(a, b)| a * b * b).sum()
}

#[grad(second)]
fn chained_results(v: &[f64]) -> f64 {
    v.iter().map(|x| two(*x)).chain(v.iter().map(|x| (*x, 1.0))).map(|(a, b)| a * b * b).sum()
}

#[grad(second)]
fn rows_largest(v: &[[f64; 2]]) -> f64 {
    let best = v.iter().copied().max_by(|a, b| a[0].total_cmp(&b[0])).unwrap();
    best[0] * best[1]
}

#[test]
fn items_are_found_combined_and_kept() {
    let v = [0.5, 1.5];
    let p = [(2.0, 3.0), (5.0, 7.0)];
    check!(copied(&p) => [0.0, 0.0, 7.0, 5.0]);
    check!(smallest(&p));
    check!(cloned_apart(&p));
    check!(derefed(&p));
    check!(by_ref(&p));
    check!(filtered(&p));
    check!(filtered_by_ref(&p));
    check!(of_results(&v));
    check!(of_results_apart(&v));
    check!(of_filtered_results(&v));
    check!(of_numbers(&v));
    check!(of_numbers_by_path(&v));
    check!(folded_max(&v));
    check!(reduced(&v));
    check!(reduced_max(&v));
    check!(reduced_pairs(&v));
    check!(reduced_copied(&p));
    check!(reduced_filtered(&p));
    check!(last_filtered(&p));
    check!(found(&p));
    check!(found_result(&v));
    check!(found_number(&v));
    check!(found_or(&p));
    check!(found_or(&[(0.1, 3.0), (0.2, 7.0)]));
    check!(found_if_let(&p));
    check!(nth_of_filtered(&v));
    check!(kept(&[2.0, 0.5, 3.0]) => [12.0, 0.0, 0.0]);
    check!(kept_unannotated(&v));
    check!(kept_rows(&v));
    check!(kept_numbers(&v));
    check!(kept_while(&v));
    check!(kept_mapped(&v));
    check!(chained(&p));
    check!(chained_results(&v));
    check!(rows_largest(&[[0.5, 1.5], [2.5, 0.25]]));
}
