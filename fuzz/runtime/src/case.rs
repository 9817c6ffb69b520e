//! All derivatives of a function, compared with each other and with the witness.

use crate::flat::{Duals, Observed, Results};
use crate::number::{kink_met, outside};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What became of a program.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// Everything agrees.
    Right,
    /// Nothing is known: the point has no derivative, or numbers are too large to be compared.
    Skipped(String),
    Wrong(String),
}

/// The value (nothing where a form has none) and what is derived, as rows of numbers.
pub type Gradient<'a> = dyn Fn(&[f64]) -> (Option<Observed>, Vec<f64>) + 'a;
/// For a point and seeds or a direction.
pub type Product<'a> = dyn Fn(&[f64], &[f64]) -> (Observed, Vec<f64>) + 'a;
/// For a point, seeds, and what is in the buffers before; what is in them after, of an output the cotangent of its old
/// content.
pub type Adding<'a> = dyn Fn(&[f64], &[f64], &[f64]) -> (Observed, Vec<f64>) + 'a;
/// Along three directions; three numbers for each float.
pub type InLanes<'a> = dyn Fn(&[f64], [&[f64]; 3]) -> (Observed, Vec<f64>) + 'a;
/// For each parameter a block, of a row for each float of the result.
pub type Matrix<'a> = dyn Fn(&[f64]) -> Vec<f64> + 'a;
/// Gradient and product of the Hessian.
pub type Second<'a> = dyn Fn(&[f64], &[f64]) -> (Vec<f64>, Vec<f64>) + 'a;
/// The same along three directions.
pub type SecondInLanes<'a> = dyn Fn(&[f64], [&[f64]; 3]) -> (Vec<f64>, Vec<f64>) + 'a;

/// Whether the witness rounds as the program does.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Rounding {
    Alike,
    /// `powi` is called. Of constants the optimiser computes it itself, with another last bit than what runs.
    OfPowers,
    /// The program asks for a derivative inside.
    Apart,
}

/// What all forms of a function's derivative are called by. Points and directions have a number for each float of the
/// differentiated parameters, outputs' old contents included; seeds one for each float of the result and then of the outputs.
pub struct Case<'a> {
    pub start: &'a [f64],
    /// Which numbers are the old content of an output.
    pub is_output: &'a [bool],
    /// Whether differences are derivatives: not where `grad::constant` is.
    pub differences: bool,
    pub rounding: Rounding,
    /// How many numbers each differentiated parameter has.
    pub blocks: &'a [usize],
    /// Whether an `f32` is anywhere in the program.
    pub single: bool,
    pub primal: &'a dyn Fn(&[f64]) -> Observed,
    pub witness: &'a dyn Fn(&mut Duals) -> Results,
    /// Forms of the gradient of a function that returns one float.
    pub gradients: &'a [(&'static str, &'a Gradient<'a>)],
    pub vjp: Option<&'a Product<'a>>,
    pub vjp_add: Option<&'a Adding<'a>>,
    /// The same with `#[grad(checkpoint)]`.
    pub checkpointed: Option<&'a Adding<'a>>,
    pub jvp: Option<&'a Product<'a>>,
    pub jvp_n: Option<&'a InLanes<'a>>,
    pub jacobians: &'a [(&'static str, &'a Matrix<'a>)],
    /// The sum of the rows with some weights.
    pub jacobian_rows: Option<&'a Product<'a>>,
    pub hvp: Option<&'a Second<'a>>,
    pub hvp_n: Option<&'a SecondInLanes<'a>>,
    pub hessian: Option<&'a Matrix<'a>>,
}

/// Larger derivatives are left alone: rounding is too.
const LARGEST: f64 = 1e6;

impl Case<'_> {
    pub fn check(&self) -> Verdict {
        if catch_unwind(AssertUnwindSafe(|| (self.primal)(self.start))).is_err() {
            return Verdict::Skipped("the function itself panics".to_owned());
        }
        for at in [self.start.to_vec(), nearby(self.start, self.single)] {
            match self.check_at(&at) {
                Ok(None) => {}
                Ok(Some(why)) => return Verdict::Skipped(why),
                Err(what) => return Verdict::Wrong(format!("{what} at {at:?}")),
            }
        }
        Verdict::Right
    }

    /// The reason to skip the point, if there is one.
    fn check_at(&self, at: &[f64]) -> Result<Option<String>, String> {
        let value = (self.primal)(at);
        let inputs = at.len();
        kink_met();
        // Column by column: every output's derivative by input j.
        let mut columns = Vec::new();
        let mut differs = None;
        for j in 0..inputs {
            let found = self.witnessed(at, &[unit(inputs, j)]);
            if !self.is_same(&found.observed, &value) {
                let wrong = format!("the value is {value:?}, that of the witness {:?}", found.observed);
                if self.is_exact() {
                    return Err(wrong);
                }
                // Where a slope is large, rounding is too.
                differs = Some(wrong);
            }
            columns.push(found.slopes.iter().map(|slopes| slopes[0]).collect::<Vec<f64>>());
        }
        if kink_met() {
            return Ok(Some("a kink".to_owned()));
        }
        let all = || columns.iter().flatten().chain(&value.floats);
        if !all().all(|x| x.is_finite()) {
            return Ok(Some("not finite".to_owned()));
        }
        let scale = all().fold(1.0_f64, |most, x| most.max(x.abs()));
        if scale > LARGEST {
            return Ok(Some("too large".to_owned()));
        }
        if let Some(wrong) = differs {
            return Err(wrong);
        }
        let close = Closeness { within: scale * if self.single { 2e-4 } else { 1e-10 } };

        self.check_reverse(at, &value, &columns, close)?;
        self.check_forward(at, &value, &columns, close)?;
        if self.hvp.is_some() || self.hvp_n.is_some() || self.hessian.is_some() {
            return self.check_second(at, &columns, scale);
        }
        Ok(None)
    }

    fn is_exact(&self) -> bool {
        self.rounding == Rounding::Alike || self.rounding == Rounding::OfPowers && cfg!(debug_assertions)
    }

    fn is_same(&self, found: &Observed, value: &Observed) -> bool {
        if self.is_exact() {
            return found == value;
        }
        let scale = value.floats.iter().fold(1.0_f64, |most, x| most.max(x.abs()));
        let pairs = found.floats.iter().zip(&value.floats);
        found.bits.len() == value.bits.len()
            && pairs.into_iter().all(|(a, b)| (a - b).abs() <= 1e-9 * scale || a.is_nan() && b.is_nan())
    }

    /// A form's value is the function's, bit for bit.
    fn same_value(&self, name: &str, found: &Observed, value: &Observed) -> Result<(), String> {
        let is_folded = !cfg!(debug_assertions) && self.rounding != Rounding::Alike;
        if found == value || is_folded && self.is_same(found, value) {
            return Ok(());
        }
        Err(format!("the value of {name} is {found:?}, that of the function {value:?}"))
    }

    fn witnessed(&self, at: &[f64], along: &[Vec<f64>]) -> Results {
        outside(along.len(), || (self.witness)(&mut Duals { at, along, next: 0 }))
    }

    fn check_reverse(
        &self,
        at: &[f64],
        value: &Observed,
        columns: &[Vec<f64>],
        close: Closeness,
    ) -> Result<(), String> {
        let (inputs, outputs) = (at.len(), value.floats.len());
        for (name, form) in self.gradients {
            let (found, gradient) = form(at);
            if let Some(found) = found {
                self.same_value(name, &found, value)?;
            }
            let wanted: Vec<f64> = columns.iter().map(|column| column[0]).collect();
            close.all(name, &gradient, &wanted)?;
        }
        for seeds in [vec![1.0; outputs], varied(outputs)] {
            let pulled = |j: usize| columns[j].iter().zip(&seeds).map(|(slope, seed)| slope * seed).sum();
            let wanted: Vec<f64> = (0..inputs).map(pulled).collect();
            let close = Closeness { within: close.within * 2.0 };
            if let Some(vjp) = self.vjp {
                let (found, pulled) = vjp(at, &seeds);
                self.same_value("vjp", &found, value)?;
                close.all("vjp", &pulled, &wanted)?;
            }
            if let Some(jacobian_rows) = self.jacobian_rows {
                let (found, row) = jacobian_rows(at, &seeds);
                self.same_value("jacobian_rows", &found, value)?;
                close.all("jacobian_rows", &row, &wanted)?;
            }
            // Buffers of outputs bring the seeds and are replaced; the others are added to.
            let buffers = vec![0.25; inputs];
            let before: Vec<f64> =
                self.is_output.iter().map(|is_output| if *is_output { 0.0 } else { 0.25 }).collect();
            if let Some(vjp_add) = self.vjp_add {
                let (found, after) = vjp_add(at, &seeds, &buffers);
                self.same_value("vjp_add", &found, value)?;
                let gained: Vec<f64> =
                    after.iter().zip(&before).map(|(after, before)| after - before).collect();
                close.all("vjp_add", &gained, &wanted)?;
                if let Some(checkpointed) = self.checkpointed {
                    let (found, again) = checkpointed(at, &seeds, &buffers);
                    self.same_value("vjp_add with checkpoint", &found, value)?;
                    if bits(&again) != bits(&after) {
                        return Err(format!("with checkpoint {again:?}, without {after:?}"));
                    }
                }
            }
        }
        for (name, jacobian) in self.jacobians {
            let found = jacobian(at);
            let mut rest = columns;
            let mut wanted = Vec::new();
            for block in self.blocks {
                let (block, others) = rest.split_at(*block);
                rest = others;
                wanted.extend((0..outputs).flat_map(|i| block.iter().map(move |column| column[i])));
            }
            close.all(name, &found, &wanted)?;
        }
        Ok(())
    }

    fn check_forward(
        &self,
        at: &[f64],
        value: &Observed,
        columns: &[Vec<f64>],
        close: Closeness,
    ) -> Result<(), String> {
        let (inputs, outputs) = (at.len(), value.floats.len());
        let along = |direction: &[f64]| -> Vec<f64> {
            let of = |i: usize| columns.iter().zip(direction).map(|(column, x)| column[i] * x).sum();
            (0..outputs).map(of).collect()
        };
        let close = Closeness { within: close.within * 2.0 };
        let directions: Vec<Vec<f64>> =
            (0..inputs).map(|j| unit(inputs, j)).chain([varied(inputs)]).collect();
        if let Some(jvp) = self.jvp {
            for direction in &directions {
                let (found, tangent) = jvp(at, direction);
                self.same_value("jvp", &found, value)?;
                close.all("jvp", &tangent, &along(direction))?;
            }
        }
        if let Some(jvp_n) = self.jvp_n {
            let rows = [varied(inputs), vec![0.0; inputs], unit(inputs, 0)];
            let (found, lanes) = jvp_n(at, [&rows[0], &rows[1], &rows[2]]);
            self.same_value("jvp_n", &found, value)?;
            let each = rows.each_ref().map(|row| along(row));
            let wanted: Vec<f64> = (0..outputs).flat_map(|i| [each[0][i], each[1][i], each[2][i]]).collect();
            close.all("jvp_n", &lanes, &wanted)?;
        }
        Ok(())
    }

    fn check_second(&self, at: &[f64], columns: &[Vec<f64>], scale: f64) -> Result<Option<String>, String> {
        let inputs = at.len();
        let gradient: Vec<f64> = columns.iter().map(|column| column[0]).collect();
        let product = |direction: &[f64]| -> Vec<f64> {
            let of = |j: usize| self.witnessed(at, &[direction.to_vec(), unit(inputs, j)]).slopes[0][2];
            (0..inputs).map(of).collect()
        };
        let hessian: Vec<Vec<f64>> = (0..inputs).map(|j| product(&unit(inputs, j))).collect();
        if !hessian.iter().flatten().all(|x| x.is_finite()) {
            return Ok(Some("second derivatives are not finite".to_owned()));
        }
        let scale = hessian.iter().flatten().fold(scale, |most, x| most.max(x.abs()));
        if scale > LARGEST {
            return Ok(Some("second derivatives are too large".to_owned()));
        }
        let close = Closeness { within: scale * if self.single { 1e-3 } else { 1e-9 } };
        let along = |direction: &[f64]| -> Vec<f64> {
            let of = |row: &Vec<f64>| row.iter().zip(direction).map(|(h, v)| h * v).sum();
            hessian.iter().map(of).collect()
        };
        if let Some(hvp) = self.hvp {
            for direction in (0..inputs).map(|j| unit(inputs, j)).chain([varied(inputs)]) {
                let (first, second) = hvp(at, &direction);
                close.all("the gradient of hvp", &first, &gradient)?;
                close.all("the product of hvp", &second, &along(&direction))?;
                self.check_differences(at, &direction, &second)?;
            }
        }
        if let Some(hvp_n) = self.hvp_n {
            let rows = [varied(inputs), vec![0.0; inputs], unit(inputs, 0)];
            let (first, lanes) = hvp_n(at, [&rows[0], &rows[1], &rows[2]]);
            close.all("the gradient of hvp_n", &first, &gradient)?;
            let each = rows.each_ref().map(|row| along(row));
            let wanted: Vec<f64> = (0..inputs).flat_map(|i| [each[0][i], each[1][i], each[2][i]]).collect();
            close.all("one of the products of hvp_n", &lanes, &wanted)?;
        }
        if let Some(whole) = self.hessian {
            let wanted: Vec<f64> = hessian.iter().flatten().copied().collect();
            close.all("hessian", &sorted(&whole(at)), &sorted(&wanted))?;
        }
        Ok(None)
    }

    /// The product against differences of the gradient, where two steps agree about those.
    fn check_differences(&self, at: &[f64], direction: &[f64], product: &[f64]) -> Result<(), String> {
        let Some((_, grad)) = self.gradients.first() else { return Ok(()) };
        if self.single || !self.differences {
            return Ok(());
        }
        let moved = |by: f64| -> Vec<f64> {
            let at: Vec<f64> = at.iter().zip(direction).map(|(x, v)| x + by * v).collect();
            grad(&at).1
        };
        let differences = |step: f64| -> Vec<f64> {
            moved(step).iter().zip(moved(-step)).map(|(up, down)| (up - down) / (2.0 * step)).collect()
        };
        let (coarse, fine) = (differences(2e-4), differences(1e-4));
        if coarse.len() != product.len() || fine.len() != product.len() {
            return Ok(());
        }
        for ((coarse, fine), product) in coarse.iter().zip(&fine).zip(product) {
            let size = fine.abs().max(1.0);
            let agree = (coarse - fine).abs() <= 1e-6 * size;
            if agree && (fine - product).abs() > 1e-4 * size {
                return Err(format!("along {direction:?} hvp gives {product}, differences {fine}"));
            }
        }
        Ok(())
    }
}

/// How far two numbers may be apart.
#[derive(Clone, Copy)]
struct Closeness {
    within: f64,
}

impl Closeness {
    fn all(self, name: &str, found: &[f64], wanted: &[f64]) -> Result<(), String> {
        let same = |(found, wanted): (&f64, &f64)| (found - wanted).abs() <= self.within;
        if found.len() == wanted.len() && found.iter().zip(wanted).all(same) {
            return Ok(());
        }
        Err(format!("{name} gives {found:?}, right is {wanted:?}"))
    }
}

fn bits(numbers: &[f64]) -> Vec<u64> {
    numbers.iter().map(|x| x.to_bits()).collect()
}

/// The blocks of a Hessian are nested by parameters; as a bag of numbers it is the same.
fn sorted(numbers: &[f64]) -> Vec<f64> {
    let mut numbers = numbers.to_vec();
    numbers.sort_by(f64::total_cmp);
    numbers
}

fn unit(len: usize, at: usize) -> Vec<f64> {
    (0..len).map(|k| if k == at { 1.0 } else { 0.0 }).collect()
}

/// Different numbers of both signs, none of them 0.
fn varied(len: usize) -> Vec<f64> {
    (0..len).map(|k| [0.75, -1.25, 0.5, 1.5, -0.625, 1.125, -0.875][k % 7]).collect()
}

/// A point whose numbers are not round.
#[allow(clippy::cast_possible_truncation)]
fn nearby(start: &[f64], single: bool) -> Vec<f64> {
    let moved = |(k, x): (usize, &f64)| {
        let x = x + 0.01 * varied(k + 1)[k] + 0.003;
        if single { f64::from(x as f32) } else { x }
    };
    start.iter().enumerate().map(moved).collect()
}

/// A program and its number.
pub type Numbered = (usize, fn() -> Verdict);

/// Checks programs one by one, and prints a line before and after each.
pub fn check_all(programs: &[Numbered]) {
    let from = std::env::args().nth(1).and_then(|from| from.parse().ok()).unwrap_or(0);
    std::panic::set_hook(Box::new(|_| {}));
    for (k, run) in programs.iter().filter(|(k, _)| *k >= from) {
        println!("begin {k}");
        let verdict = match catch_unwind(run) {
            Ok(Verdict::Right) => "right".to_owned(),
            Ok(Verdict::Skipped(why)) => format!("skipped {why}"),
            Ok(Verdict::Wrong(what)) => format!("wrong {}", what.replace('\n', " ")),
            Err(payload) => {
                let text = payload.downcast_ref::<String>().map(String::as_str);
                let text = text.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("");
                format!("panic {}", text.replace('\n', " "))
            }
        };
        println!("end {k} {verdict}");
    }
}

#[cfg(test)]
mod tests {
    use super::{Case, Rounding, Verdict};
    use crate::flat::{Duals, Observed, Results, floats};
    use crate::number::D64;

    fn product(x: &[f64]) -> f64 {
        x[0] * x[0] * x[1]
    }

    /// Derivatives by hand, each times a factor that is 1 where it is right.
    struct Factors {
        value: f64,
        grad: f64,
        vjp: f64,
        vjp_add: f64,
        checkpointed: f64,
        jvp: f64,
        jvp_n: f64,
        hvp: f64,
        hvp_n: f64,
        hessian: f64,
    }

    const RIGHT: Factors = Factors {
        value: 1.0,
        grad: 1.0,
        vjp: 1.0,
        vjp_add: 1.0,
        checkpointed: 1.0,
        jvp: 1.0,
        jvp_n: 1.0,
        hvp: 1.0,
        hvp_n: 1.0,
        hessian: 1.0,
    };

    fn verdict(by: &Factors) -> Verdict {
        let value = |x: &[f64]| Observed::of(&[&(product(x) * by.value)]);
        let gradient = |x: &[f64], factor: f64| vec![2.0 * x[0] * x[1] * factor, x[0] * x[0]];
        let along = |x: &[f64], v: &[f64], factor: f64| -> f64 {
            gradient(x, factor).iter().zip(v).map(|(g, v)| g * v).sum()
        };
        let hessian = |x: &[f64], factor: f64| [[2.0 * x[1] * factor, 2.0 * x[0]], [2.0 * x[0], 0.0]];
        let times = |h: [[f64; 2]; 2], v: &[f64]| h.map(|row| row[0] * v[0] + row[1] * v[1]).to_vec();
        let lanes = |each: [Vec<f64>; 3]| -> Vec<f64> {
            (0..each[0].len()).flat_map(|i| [each[0][i], each[1][i], each[2][i]]).collect()
        };
        let add = |x: &[f64], seeds: &[f64], buffers: &[f64], factor: f64| -> Vec<f64> {
            gradient(x, factor).iter().zip(buffers).map(|(g, old)| old + seeds[0] * g).collect()
        };
        Case {
            start: &[0.5, -0.75],
            is_output: &[false, false],
            single: false,
            differences: true,
            rounding: Rounding::Alike,
            blocks: &[2],
            primal: &|x| Observed::of(&[&product(x)]),
            witness: &|r: &mut Duals| {
                let (x, y): (D64, D64) = (r.f64(), r.f64());
                Results::of(&[&(x * x * y)])
            },
            gradients: &[("grad", &|x| (Some(value(x)), gradient(x, by.grad)))],
            vjp: Some(&|x, seeds| (value(x), gradient(x, by.vjp).iter().map(|g| g * seeds[0]).collect())),
            vjp_add: Some(&|x, seeds, buffers| (value(x), add(x, seeds, buffers, by.vjp_add))),
            checkpointed: Some(&|x, seeds, buffers| (value(x), add(x, seeds, buffers, by.checkpointed))),
            jvp: Some(&|x, v| (value(x), floats(&[&along(x, v, by.jvp)]))),
            jvp_n: Some(&|x, rows| (value(x), lanes(rows.map(|v| vec![along(x, v, by.jvp_n)])))),
            jacobians: &[],
            jacobian_rows: None,
            hvp: Some(&|x, v| (gradient(x, 1.0), times(hessian(x, by.hvp), v))),
            hvp_n: Some(&|x, rows| (gradient(x, 1.0), lanes(rows.map(|v| times(hessian(x, by.hvp_n), v))))),
            hessian: Some(&|x| hessian(x, by.hessian).as_flattened().to_vec()),
        }
        .check()
    }

    #[test]
    fn what_is_right_passes() {
        assert_eq!(verdict(&RIGHT), Verdict::Right);
    }

    #[test]
    fn every_planted_fault_is_noticed_and_named() {
        let faults = [
            ("value of grad", Factors { value: 1.0 + 1e-15, ..RIGHT }),
            ("grad gives", Factors { grad: 0.0, ..RIGHT }),
            ("vjp gives", Factors { vjp: 1.001, ..RIGHT }),
            ("vjp_add gives", Factors { vjp_add: -1.0, ..RIGHT }),
            ("with checkpoint", Factors { checkpointed: 1.0 + 1e-15, ..RIGHT }),
            ("jvp gives", Factors { jvp: 0.0, ..RIGHT }),
            ("jvp_n gives", Factors { jvp_n: 1.5, ..RIGHT }),
            ("product of hvp gives", Factors { hvp: 0.0, ..RIGHT }),
            ("products of hvp_n gives", Factors { hvp_n: 0.0, ..RIGHT }),
            ("hessian gives", Factors { hessian: 2.0, ..RIGHT }),
        ];
        for (name, fault) in faults {
            let Verdict::Wrong(what) = verdict(&fault) else { panic!("{name}: not noticed") };
            assert!(what.contains(name), "{what} does not name {name}");
        }
    }
}
