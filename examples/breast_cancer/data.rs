//! The measurements of the tumours, from their file.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;

/// Measurements of each tumour.
pub const FEATURES: usize = 30;
/// Rows for training; the others are for the test.
pub const TRAINING: usize = 400;
const ROWS: usize = 569;
/// More than this is not the file we want, whatever it unpacks to.
const MAX_BYTES: u64 = 1 << 22;

/// What is measured: of each, the mean, its standard error, and the mean of the three largest.
const QUANTITIES: [&str; 10] = [
    "radius",
    "texture",
    "perimeter",
    "area",
    "smoothness",
    "compactness",
    "concavity",
    "concave points",
    "symmetry",
    "fractal dimension",
];

/// The name of a measurement.
pub fn feature(k: usize) -> String {
    let statistic = ["mean", "standard error", "largest"][k / QUANTITIES.len()];
    format!("{}, {statistic}", QUANTITIES[k % QUANTITIES.len()])
}

/// Tumours, with the answer: 1 benign, 0 malignant.
pub struct Tumours {
    pub rows: Vec<[f64; FEATURES]>,
    pub labels: Vec<f64>,
}

impl Tumours {
    /// Reads a gzipped file of a heading and lines `measurement,…,measurement,label`, splits it, and scales every
    /// measurement so that it has mean 0 and variance 1 over the rows for training.
    pub fn load(path: &Path) -> Result<(Tumours, Tumours), DataError> {
        let error = |problem| DataError { path: path.to_owned(), problem };
        let file = File::open(path).map_err(|e| error(Problem::Open(e)))?;
        let mut text = String::new();
        GzDecoder::new(file)
            .take(MAX_BYTES)
            .read_to_string(&mut text)
            .map_err(|e| error(Problem::Unpack(e)))?;
        let mut training = Tumours::parse(&text).map_err(error)?;
        let mut test =
            Tumours { rows: training.rows.split_off(TRAINING), labels: training.labels.split_off(TRAINING) };
        for k in 0..FEATURES {
            let (mean, deviation) = moments(training.rows.iter().map(|row| row[k]));
            if deviation == 0.0 {
                return Err(error(Problem::Constant(k)));
            }
            for row in training.rows.iter_mut().chain(&mut test.rows) {
                row[k] = (row[k] - mean) / deviation;
            }
        }
        Ok((training, test))
    }

    fn parse(text: &str) -> Result<Tumours, Problem> {
        let mut tumours = Tumours { rows: Vec::new(), labels: Vec::new() };
        for (line, row) in text.lines().enumerate().skip(1) {
            let (row, label) = parse_row(row).map_err(|what| Problem::Row { line: line + 1, what })?;
            tumours.rows.push(row);
            tumours.labels.push(label);
        }
        if tumours.len() == ROWS { Ok(tumours) } else { Err(Problem::Rows(tumours.len())) }
    }

    pub fn len(&self) -> usize {
        self.labels.len()
    }
}

fn parse_row(row: &str) -> Result<([f64; FEATURES], f64), String> {
    let fields = row.split(',').count();
    if fields != FEATURES + 1 {
        return Err(format!("{fields} numbers instead of {}", FEATURES + 1));
    }
    let mut fields = row.split(',');
    let mut measurements = [0.0; FEATURES];
    for (measurement, field) in measurements.iter_mut().zip(&mut fields) {
        let number = field.trim().parse::<f64>().ok().filter(|x| x.is_finite());
        *measurement = number.ok_or_else(|| format!("`{field}` is not a finite number"))?;
    }
    match fields.next().map(str::trim) {
        Some("0") => Ok((measurements, 0.0)),
        Some("1") => Ok((measurements, 1.0)),
        _ => Err("the label is neither 0 (malignant) nor 1 (benign)".to_owned()),
    }
}

/// Mean and standard deviation, of the whole population.
fn moments(numbers: impl ExactSizeIterator<Item = f64> + Clone) -> (f64, f64) {
    let n = numbers.len() as f64;
    let mean = numbers.clone().sum::<f64>() / n;
    let variance = numbers.map(|x| (x - mean) * (x - mean)).sum::<f64>() / n;
    (mean, variance.sqrt())
}

#[derive(Debug)]
pub struct DataError {
    path: PathBuf,
    problem: Problem,
}

#[derive(Debug)]
enum Problem {
    Open(io::Error),
    Unpack(io::Error),
    Row { line: usize, what: String },
    Rows(usize),
    Constant(usize),
}

impl fmt::Display for DataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match &self.problem {
            Problem::Open(error) => write!(f, "cannot open `{path}`: {error}")?,
            Problem::Unpack(error) => write!(f, "`{path}` is damaged, or no gzipped text: {error}")?,
            Problem::Row { line, what } => write!(f, "`{path}` is damaged: line {line}: {what}")?,
            Problem::Rows(rows) => write!(f, "`{path}` is incomplete: {rows} rows instead of {ROWS}")?,
            Problem::Constant(k) => write!(f, "`{path}` is damaged: “{}” is always the same", feature(*k))?,
        }
        write!(
            f,
            "\nhelp: the file is examples/data/breast_cancer.csv.gz; name another place of it with --data"
        )
    }
}

impl std::error::Error for DataError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(text: &str) -> String {
        let problem = Tumours::parse(text).err().expect("the text is damaged");
        DataError { path: "file".into(), problem }.to_string().lines().next().unwrap_or_default().to_owned()
    }

    #[test]
    fn damage_is_named_with_its_line() {
        let row = |first: &str, label: &str| format!("heading\n{first}{},{label}\n", ",1.5".repeat(29));
        assert_eq!(problem("heading\n1,2\n"), "`file` is damaged: line 2: 2 numbers instead of 31");
        assert_eq!(problem(&row("inf", "1")), "`file` is damaged: line 2: `inf` is not a finite number");
        assert!(problem(&row("1", "2")).contains("neither 0 (malignant) nor 1 (benign)"));
        assert_eq!(problem(&row("1", "1")), "`file` is incomplete: 1 rows instead of 569");
    }

    #[test]
    fn a_missing_and_a_truncated_file_are_errors() {
        let missing = Tumours::load(Path::new("no/such/file")).err().expect("there is no such file");
        assert!(missing.to_string().starts_with("cannot open `no/such/file`"), "{missing}");

        let whole = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/data/breast_cancer.csv.gz");
        let (training, test) = Tumours::load(Path::new(whole)).unwrap();
        assert_eq!((training.len(), test.len()), (TRAINING, ROWS - TRAINING));
        let benign: f64 = training.labels.iter().chain(&test.labels).sum();
        assert_eq!(benign, 357.0);

        let truncated = std::env::temp_dir().join(format!("grad-tumours-{}.csv.gz", std::process::id()));
        std::fs::write(&truncated, &std::fs::read(whole).unwrap()[..20_000]).unwrap();
        let error = Tumours::load(&truncated).err().expect("the end of the file is missing");
        std::fs::remove_file(&truncated).unwrap();
        assert!(error.to_string().contains("is damaged"), "{error}");
    }
}
