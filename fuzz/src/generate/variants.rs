//! A function over an enum with floats, a type with an `Index` of its own, boxes, and fields that are constants of their types.

use super::Generator;
use super::call::Function;
use super::own::param;
use crate::program::Param;
use crate::types::{By, Ty};

const TYPES: &str = "
#[derive(Clone, grad::Differentiable)]
pub enum Bond {
    Spring { k: f64, rest: f64 },
    Bend(f64, [f64; 2]),
    Chain(Box<Bond>, Vec<f64>),
    Free,
}
#[derive(Clone, grad::Differentiable)]
pub struct Grid {
    pub cols: usize,
    #[grad(constant)]
    pub scale: f64,
    #[grad(constant)]
    pub weights: [f64; 2],
    pub data: Vec<f64>,
}
";

fn number(name: &str, by: By) -> Param {
    param(name, Ty::F64, by, &[])
}

impl Generator {
    /// The types, their methods, and a function of numbers that uses them.
    pub(super) fn over_variants(&mut self) -> String {
        for construct in ["enum of one's own", "own Index", "Box", "field that is a constant"] {
            self.note(construct);
        }
        // Of which type a closure captures what a pattern binds, nobody says.
        let takes = std::mem::replace(&mut self.takes_function, false);
        let attribute = |wrt: &str, second: bool| {
            let second = if second { "second, " } else { "" };
            format!("#[grad({second}wrt({wrt}))]")
        };
        let (of_self, of_r) = (attribute("self", self.second), attribute("self, r", self.second));
        let of_by = attribute("self, by", self.second);
        let of_index = if self.second { "#[grad(second)]" } else { "#[grad]" };
        let spring = self.body(&[number("k", By::Ref), number("rest", By::Ref), number("r", By::Value)]);
        let bend = self.body(&[number("a", By::Ref), number("p", By::Ref), number("r", By::Value)]);
        let steep = self.body(&[number("a", By::Ref), number("r", By::Value)]);
        let (inner, outer) = (self.body(&[number("r", By::Value)]), self.body(&[number("r", By::Value)]));
        let by = self.body(&[number("by", By::Value)]);
        let scaled = self.body(&[number("z", By::Ref)]);
        let mut text = format!(
            "{TYPES}
{of_r}
impl Bond {{
    pub fn energy(&self, r: f64) -> f64 {{
        match self {{
            Bond::Spring {{ k, rest }} => {spring},
            Self::Bend(a, _) if *a > 0.9 => {steep},
            Self::Bend(a, [p, _]) => {bend},
            Bond::Chain(next, w) => (**next).energy({inner}) * 0.5 + w.iter().map(|w| w * {outer}).sum::<f64>(),
            Bond::Free => 0.0,
        }}
    }}
}}
{of_by}
impl Bond {{
    pub fn stretch(&mut self, by: f64) {{
        match self {{
            Bond::Spring {{ k, .. }} => *k = *k * 0.5 + {by},
            Bond::Bend(_, b) => b[0] += {by},
            Bond::Chain(_, w) => {{
                for w in w.iter_mut() {{
                    *w *= by;
                }}
            }}
            Bond::Free => *self = Bond::Bend({by}, [by, 1.5]),
        }}
    }}
}}
{of_index}
impl std::ops::Index<(usize, usize)> for Grid {{
    type Output = f64;
    fn index(&self, (i, j): (usize, usize)) -> &f64 {{
        &self.data[i * self.cols + j]
    }}
}}
{of_index}
impl std::ops::IndexMut<(usize, usize)> for Grid {{
    fn index_mut(&mut self, (i, j): (usize, usize)) -> &mut f64 {{
        &mut self.data[i * self.cols + j]
    }}
}}
{of_self}
impl Grid {{
    pub fn trace(&self) -> f64 {{
        let scaled: f64 = self.data.iter().zip(&self.weights).map(|(z, w)| w * {scaled}).sum();
        self[(0, 0)] * self.scale + scaled * self[(1, 1)]
    }}
}}
"
        );
        let mut statements = String::new();
        for _ in 0..self.random.between(3, 7) {
            let statement = self.of_variants();
            statements += &if self.random.percent(25) {
                format!("for z in v {{ {statement} s = s * 0.5 + *z; }}\n")
            } else {
                format!("{statement}\n")
            };
        }
        let (start, bond) = (self.of_x(), self.bond());
        let attribute = self.plain_attribute();
        text += &format!(
            "{attribute}
fn over_variants(x: f64, v: &[f64]) -> f64 {{
    let mut s = {start};
    let mut bond = {bond};
    let mut grid = Grid {{ cols: 2, scale: 1.25, weights: [0.5, 0.75], data: vec![x, s, v[0], 0.5] }};
    {statements}
    s * 0.5 + bond.energy(x) + grid.trace()
}}
"
        );
        self.takes_function = takes;
        let params = vec![number("x", By::Value), param("v", Ty::slice(Ty::F64), By::Ref, &[1])];
        let path = "over_variants".into();
        self.functions.push(Function { path, params, result: Ty::F64, lens: vec![], derivable: false });
        text
    }

    /// A number of what is there.
    fn of_x(&mut self) -> String {
        self.body(&[number("x", By::Value)])
    }

    fn of_s(&mut self) -> String {
        self.body(&[number("x", By::Value), number("s", By::Value)])
    }

    fn bond(&mut self) -> String {
        let (a, b) = (self.of_x(), self.of_x());
        match self.random.below(4) {
            0 => format!("Bond::Spring {{ k: {a}, rest: {b} }}"),
            1 => format!("Bond::Bend({a}, [x, {b}])"),
            2 => format!("Bond::Chain(Box::new(Bond::Spring {{ k: {a}, rest: x }}), vec![{b}, x])"),
            _ => "Bond::Free".to_owned(),
        }
    }

    fn of_variants(&mut self) -> String {
        let (e, f) = (self.of_s(), self.of_s());
        match self.random.below(14) {
            0 | 1 => format!("s = s * 0.5 + bond.energy({e});"),
            2 | 3 => format!("bond.stretch({e});"),
            4 => format!("if let Bond::Spring {{ k, .. }} = &mut bond {{ *k = *k * 0.5 + {e}; }}"),
            5 => format!("if {e} > {f} {{ bond = {}; }}", self.bond()),
            6 => format!(
                "bond = match bond {{ Bond::Spring {{ k, rest }} => Bond::Bend(k, [rest, {e}]), Bond::Bend(a, [_, q]) => Bond::Spring {{ k: a, rest: q }}, other => other }};"
            ),
            7 => format!("if {e} > {f} {{ bond = Bond::Chain(Box::new(bond.clone()), vec![{e}]); }}"),
            8 => {
                format!("let Bond::Bend(a, [p, _]) = &bond else {{ return s * {e}; }}; s = s * 0.5 + a * p;")
            }
            9 => format!("grid[(0, 1)] += {e} * grid[(1, 0)];"),
            10 => format!("grid[(1, 1)] = {e}; s = s * grid.scale * 0.5 + grid[(0, 1)];"),
            11 => format!("grid.data[2] *= {e}; s = s * 0.5 + grid.trace();"),
            12 => format!("let boxed = Box::new({e}); s = s * 0.5 + *boxed * x;"),
            _ => format!(
                "let copy = Grid {{ cols: 2, ..grid.clone() }}; s = s * 0.5 + copy[(1, 0)] * {e} * copy.weights[1];"
            ),
        }
    }
}
