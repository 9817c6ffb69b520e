//! The types of glam in double precision: their names, their fields, and how they are made.

use syn::Path;

/// How a value is made of the arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Made {
    /// One for each field.
    Fields,
    /// One for all fields.
    Everywhere,
    /// By an operation, which the runtime has under this name.
    Operation(&'static str),
}

/// A type: its name, how many numbers it has, and its fields.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    pub name: &'static str,
    pub count: usize,
    pub fields: &'static [&'static str],
}

const fn known(name: &'static str, count: usize, fields: &'static [&'static str]) -> Known {
    Known { name, count, fields }
}

/// In the order of the alphabet.
pub const TYPES: &[Known] = &[
    known("DAffine3", 12, &["matrix3", "translation"]),
    known("DMat2", 4, &["x_axis", "y_axis"]),
    known("DMat3", 9, &["x_axis", "y_axis", "z_axis"]),
    known("DMat4", 16, &["x_axis", "y_axis", "z_axis", "w_axis"]),
    known("DQuat", 4, &["x", "y", "z", "w"]),
    known("DVec2", 2, &["x", "y"]),
    known("DVec3", 3, &["x", "y", "z"]),
    known("DVec4", 4, &["x", "y", "z", "w"]),
];

/// The constructors that have derivatives, with so many arguments.
pub const CONSTRUCTORS: &[(&str, &str, usize, Made)] = &[
    ("DAffine3", "from_mat3_translation", 2, Made::Fields),
    ("DMat2", "from_cols", 2, Made::Fields),
    ("DMat3", "from_cols", 3, Made::Fields),
    ("DMat3", "from_quat", 1, Made::Operation("Mat3FromQuat")),
    ("DMat4", "from_cols", 4, Made::Fields),
    ("DQuat", "from_axis_angle", 2, Made::Operation("QuatFromAxisAngle")),
    ("DQuat", "from_rotation_x", 1, Made::Operation("QuatFromRotationX")),
    ("DQuat", "from_rotation_y", 1, Made::Operation("QuatFromRotationY")),
    ("DQuat", "from_rotation_z", 1, Made::Operation("QuatFromRotationZ")),
    ("DQuat", "from_scaled_axis", 1, Made::Operation("QuatFromScaledAxis")),
    ("DQuat", "from_xyzw", 4, Made::Fields),
    ("DVec2", "new", 2, Made::Fields),
    ("DVec2", "splat", 1, Made::Everywhere),
    ("DVec3", "new", 3, Made::Fields),
    ("DVec3", "splat", 1, Made::Everywhere),
    ("DVec4", "new", 4, Made::Fields),
    ("DVec4", "splat", 1, Made::Everywhere),
];

/// A type of that name.
pub fn named(name: &str) -> Option<&'static Known> {
    TYPES.iter().find(|known| known.name == name)
}

/// The constructor of that name with so many arguments.
pub fn constructor(ty: &str, function: &str, arguments: usize) -> Option<Made> {
    let found = CONSTRUCTORS.iter().find(|made| (made.0, made.1) == (ty, function) && made.2 == arguments);
    found.map(|made| made.3)
}

/// The type in whose place a path is, `DVec3::new`, and the name of the function.
pub fn associated(path: &Path) -> Option<(&'static Known, String)> {
    let of = path.segments.len().checked_sub(2)?;
    let ty = named(&path.segments[of].ident.to_string())?;
    (of == 0 || path.segments[0].ident == "glam").then(|| (ty, path.segments[of + 1].ident.to_string()))
}

/// Whether a field of that name is a number; otherwise it is a part with fields of its own.
pub fn is_number(field: &str) -> bool {
    field.len() == 1
}
