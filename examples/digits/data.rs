//! The handwritten digits, from their file.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;

pub const PIXELS: usize = 64;
pub const CLASSES: usize = 10;

/// Rows for training; the others are for the test.
pub const TRAINING: usize = 1257;
const ROWS: usize = 1797;
/// More than this is not the file we want, whatever it unpacks to.
const MAX_BYTES: u64 = 1 << 22;

/// Images with their labels; pixels are from 0 (paper) to 1 (ink).
pub struct Digits {
    pub images: Vec<[f64; PIXELS]>,
    pub labels: Vec<usize>,
}

impl Digits {
    /// Reads a gzipped file of lines `pixel,…,pixel,label`, 64 pixels from 0 to 16, and splits it.
    pub fn load(path: &Path) -> Result<(Digits, Digits), DataError> {
        let error = |problem| DataError { path: path.to_owned(), problem };
        let file = File::open(path).map_err(|e| error(Problem::Open(e)))?;
        let mut text = String::new();
        GzDecoder::new(file)
            .take(MAX_BYTES)
            .read_to_string(&mut text)
            .map_err(|e| error(Problem::Unpack(e)))?;
        let mut training = Digits::parse(&text).map_err(error)?;
        let test = Digits {
            images: training.images.split_off(TRAINING),
            labels: training.labels.split_off(TRAINING),
        };
        Ok((training, test))
    }

    fn parse(text: &str) -> Result<Digits, Problem> {
        let mut digits = Digits { images: Vec::new(), labels: Vec::new() };
        for (line, row) in text.lines().enumerate() {
            let (image, label) = parse_row(row).map_err(|what| Problem::Row { line: line + 1, what })?;
            digits.images.push(image);
            digits.labels.push(label);
        }
        if digits.len() == ROWS { Ok(digits) } else { Err(Problem::Rows(digits.len())) }
    }

    pub fn len(&self) -> usize {
        self.labels.len()
    }
}

fn parse_row(row: &str) -> Result<([f64; PIXELS], usize), String> {
    let fields = row.split(',').count();
    if fields != PIXELS + 1 {
        return Err(format!("{fields} numbers instead of {}", PIXELS + 1));
    }
    let mut image = [0.0; PIXELS];
    let mut numbers = row.split(',').map(|field| field.trim().parse::<u8>().map_err(|_| field));
    for (pixel, number) in image.iter_mut().zip(&mut numbers) {
        match number {
            Ok(ink @ 0..=16) => *pixel = f64::from(ink) / 16.0,
            Ok(ink) => return Err(format!("a pixel is {ink}, not an integer from 0 to 16")),
            Err(field) => return Err(format!("a pixel is `{field}`, not an integer from 0 to 16")),
        }
    }
    match numbers.next() {
        Some(Ok(label)) if usize::from(label) < CLASSES => Ok((image, label.into())),
        _ => Err("the label is not a digit".to_owned()),
    }
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
}

impl fmt::Display for DataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match &self.problem {
            Problem::Open(error) => write!(f, "cannot open `{path}`: {error}")?,
            Problem::Unpack(error) => write!(f, "`{path}` is damaged, or no gzipped text: {error}")?,
            Problem::Row { line, what } => write!(f, "`{path}` is damaged: line {line}: {what}")?,
            Problem::Rows(rows) => write!(f, "`{path}` is incomplete: {rows} rows instead of {ROWS}")?,
        }
        write!(f, "\nhelp: the file is examples/data/digits.csv.gz; name another place of it with --data")
    }
}

impl std::error::Error for DataError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(pixel: &str, label: &str) -> String {
        format!("{}{pixel},{label}", "16,".repeat(PIXELS - 1))
    }

    fn problem(text: &str) -> String {
        let problem = Digits::parse(text).err().expect("the text is damaged");
        DataError { path: "file".into(), problem }.to_string().lines().next().unwrap_or_default().to_owned()
    }

    #[test]
    fn a_row_has_64_pixels_and_a_digit() {
        let (image, label) = parse_row(&row("4", "7")).unwrap();
        assert_eq!((image[0], image[63], label), (1.0, 0.25, 7));
    }

    #[test]
    fn damage_is_named_with_its_line() {
        let good = row("0", "3");
        let after_good = |bad: &str| problem(&format!("{good}\n{bad}\n"));
        assert_eq!(after_good("1,2"), "`file` is damaged: line 2: 2 numbers instead of 65");
        assert_eq!(
            after_good(&row("17", "3")),
            "`file` is damaged: line 2: a pixel is 17, not an integer from 0 to 16"
        );
        assert_eq!(
            after_good(&row("x", "3")),
            "`file` is damaged: line 2: a pixel is `x`, not an integer from 0 to 16"
        );
        assert_eq!(after_good(&row("0", "10")), "`file` is damaged: line 2: the label is not a digit");
        assert_eq!(after_good(&good), "`file` is incomplete: 2 rows instead of 1797");
        assert_eq!(problem(""), "`file` is incomplete: 0 rows instead of 1797");
    }

    #[test]
    fn a_missing_and_a_truncated_file_are_errors() {
        let missing = Digits::load(Path::new("no/such/file")).err().expect("there is no such file");
        assert!(missing.to_string().starts_with("cannot open `no/such/file`"), "{missing}");

        // Some programs that read them are packages below this one.
        let below = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
        let whole = below.map(|at| at.join("examples/data/digits.csv.gz")).find(|path| path.exists());
        let whole = whole.expect("the digits are in the repository");
        let (training, test) = Digits::load(&whole).unwrap();
        assert_eq!((training.len(), test.len()), (TRAINING, ROWS - TRAINING));

        let truncated = std::env::temp_dir().join(format!("grad-digits-{}.csv.gz", std::process::id()));
        std::fs::write(&truncated, &std::fs::read(&whole).unwrap()[..20_000]).unwrap();
        let error = Digits::load(&truncated).err().expect("the end of the file is missing");
        std::fs::remove_file(&truncated).unwrap();
        assert!(error.to_string().contains("is damaged"), "{error}");
    }
}
