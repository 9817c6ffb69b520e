//! Points, rotations and isometries of a library: their names, how they are made, and what is read of them and of factorisations.

/// How the arguments of a constructor are operands of its operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arguments {
    /// So many, as they are.
    Operands(usize),
    /// So many numbers, as one vector.
    Numbers(usize),
}

/// A constructor with derivatives.
#[derive(Clone, Copy, Debug)]
pub struct Constructor {
    pub ty: &'static str,
    pub function: &'static str,
    pub arguments: Arguments,
    /// The name that the runtime has for the operation.
    pub operation: &'static str,
}

const fn made(
    ty: &'static str,
    function: &'static str,
    arguments: Arguments,
    operation: &'static str,
) -> Constructor {
    Constructor { ty, function, arguments, operation }
}

use Arguments::{Numbers, Operands};

/// By type and function, in the order of the alphabet.
pub const CONSTRUCTORS: &[Constructor] = &[
    made("Isometry2", "from_parts", Operands(2), "IsometryFromParts"),
    made("Isometry2", "new", Operands(2), "Isometry2New"),
    made("Isometry2", "translation", Numbers(2), "IsometryTranslation"),
    made("Isometry3", "from_parts", Operands(2), "IsometryFromParts"),
    made("Isometry3", "new", Operands(2), "Isometry3New"),
    made("Isometry3", "rotation", Operands(1), "IsometryRotation"),
    made("Isometry3", "translation", Numbers(3), "IsometryTranslation"),
    made("Point2", "from", Operands(1), "PointFrom"),
    made("Point2", "new", Numbers(2), "PointFrom"),
    made("Point3", "from", Operands(1), "PointFrom"),
    made("Point3", "new", Numbers(3), "PointFrom"),
    made("Rotation2", "new", Operands(1), "Rotation2New"),
    made("Rotation3", "from_axis_angle", Operands(2), "Rotation3FromAxisAngle"),
    made("Rotation3", "from_euler_angles", Numbers(3), "Rotation3FromEulerAngles"),
    made("Rotation3", "from_scaled_axis", Operands(1), "Rotation3FromScaledAxis"),
    made("Rotation3", "new", Operands(1), "Rotation3FromScaledAxis"),
    made("Translation2", "from", Operands(1), "TranslationFrom"),
    made("Translation2", "new", Numbers(2), "TranslationFrom"),
    made("Translation3", "from", Operands(1), "TranslationFrom"),
    made("Translation3", "new", Numbers(3), "TranslationFrom"),
    made("UnitComplex", "new", Operands(1), "UnitComplexNew"),
    made("UnitQuaternion", "from_axis_angle", Operands(2), "UnitQuaternionFromAxisAngle"),
    made("UnitQuaternion", "from_euler_angles", Numbers(3), "UnitQuaternionFromEulerAngles"),
    made("UnitQuaternion", "from_scaled_axis", Operands(1), "UnitQuaternionFromScaledAxis"),
    made("UnitQuaternion", "new", Operands(1), "UnitQuaternionFromScaledAxis"),
];

/// Whether a type of that name is one of these.
pub fn is_type(name: &str) -> bool {
    CONSTRUCTORS.iter().any(|constructor| constructor.ty == name)
}

/// How many coordinates one of that name has.
pub fn count(name: &str) -> Option<usize> {
    Some(match name {
        "Point2" | "Translation2" | "UnitComplex" => 2,
        "Point3" | "Translation3" => 3,
        "UnitQuaternion" | "Rotation2" | "Isometry2" => 4,
        "Isometry3" => 7,
        "Rotation3" => 9,
        _ => return None,
    })
}

/// The constructor of that name with so many arguments.
pub fn constructor(ty: &str, function: &str, arguments: usize) -> Option<&'static Constructor> {
    CONSTRUCTORS.iter().find(|made| {
        let (Operands(count) | Numbers(count)) = made.arguments;
        made.ty == ty && made.function == function && count == arguments
    })
}

/// How a field of that name is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// A part, which has a tangent of its own in that of the whole.
    Part,
    /// By an operation: its name.
    Read(&'static str),
    /// One of the coordinates.
    Coordinate(usize),
}

/// What a field is that is no element.
pub fn field(name: &str) -> Option<Field> {
    Some(match name {
        "rotation" | "translation" => Field::Part,
        "coords" | "vector" => Field::Read("Coords"),
        "eigenvalues" => Field::Read("Eigenvalues"),
        "eigenvectors" => Field::Read("Eigenvectors"),
        "i" => Field::Coordinate(0),
        "j" => Field::Coordinate(1),
        "k" => Field::Coordinate(2),
        _ => return None,
    })
}
