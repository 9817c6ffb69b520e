//! The page: each function as a graph, with values forward and cotangents back, beside the code that computes them. One file
//! that needs nothing else, not even a network.
//!
//! The numbers, the graph and the code are those of the playground, made by the same code and shown by the same scripts.

use serde_json::{Value, json};

use crate::topic::Topic;

const TEMPLATE: &str = include_str!("page.html");
const STYLE: &str = include_str!("../../../playground/page/page.css");
const SCRIPTS: [&str; 3] = [
    include_str!("../../../playground/page/rust.js"),
    include_str!("../../../playground/page/draw.js"),
    include_str!("../../../playground/page/story.js"),
];
const FUNCTIONS: &str = include_str!("functions.rs");

/// The page of all topics, each at its point.
pub fn write(point: impl Fn(Topic) -> Vec<f64>) -> Result<String, String> {
    let topics =
        Topic::ALL.iter().map(|topic| data(*topic, &point(*topic))).collect::<Result<Vec<_>, _>>()?;
    // A text of JSON may not end the script that it stands in.
    let topics = Value::from(topics).to_string().replace("</", "<\\/");
    let scripts: Vec<String> =
        SCRIPTS.iter().map(|script| script.replacen("\"use strict\";\n", "", 1)).collect();
    Ok(TEMPLATE
        .replace("/* style */", STYLE)
        .replace("/* scripts */", &format!("\"use strict\";\n{}", scripts.join("")))
        .replace("/* topics */", &topics))
}

/// The graph of a topic as a picture of its own, an SVG file.
pub fn picture(topic: Topic) -> Result<String, String> {
    let trace = ask(&format!("picture {}\n{}", topic.name(), arguments(topic.point())), topic)?;
    text(&trace, "graph")
}

fn data(topic: Topic, point: &[f64]) -> Result<Value, String> {
    let trace = ask(&format!("trace {}\n{}", topic.name(), arguments(point)), topic)?;
    let seen = ask(&format!("look gradient {}", topic.name()), topic)?;
    let code = text(&seen["shown"], "text")?;
    Ok(json!({
        "title": topic.formula(),
        "about": topic.about(),
        "source": topic.source(),
        "code": code.trim_end().lines().collect::<Vec<_>>(),
        "trace": trace,
    }))
}

fn ask(request: &str, topic: Topic) -> Result<Value, String> {
    let answer = playground_module::answer(&format!("{request}\n{}", topic.source()));
    let answer: Value = serde_json::from_str(&answer).map_err(|error| error.to_string())?;
    match &answer["failed"] {
        Value::String(why) => Err(why.clone()),
        _ => Ok(answer),
    }
}

fn text(object: &Value, name: &str) -> Result<String, String> {
    object[name].as_str().map(str::to_owned).ok_or_else(|| format!("the playground says no `{name}`"))
}

fn arguments(point: &[f64]) -> String {
    point.iter().map(|x| format!("{x:?}")).collect::<Vec<_>>().join(", ")
}

impl Topic {
    /// The function as it stands in `functions.rs`.
    fn source(self) -> &'static str {
        let items = FUNCTIONS.split("\n\n").filter(|item| item.contains("pub fn "));
        let mut found = items.filter(|item| item.contains(&format!("pub fn {}(", self.name())));
        found.next().unwrap_or_default()
    }

    fn formula(self) -> &'static str {
        match self {
            Topic::Neuron => "sigmoid(w·x + b)",
            Topic::Paths => "z(u(x, y), v(x, y))",
            Topic::Network => "two layers",
        }
    }

    fn about(self) -> &'static str {
        match self {
            Topic::Neuron => {
                "One neuron, one way from each weight to the result: the factors along it are multiplied. A gradient step changes w and b; the input x is a constant."
            }
            Topic::Paths => {
                "Two ways lead from each input to the result. What comes back along them is added: watch x and y, whose cotangents are sums."
            }
            Topic::Network => {
                "Backpropagation: the error of the answer goes back through the second layer and, what it leaves, through the first. Each weight learns its share in one sweep."
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_is_a_line_of_the_code() {
        for topic in Topic::ALL {
            let data = data(topic, topic.point()).unwrap();
            let code: Vec<&str> =
                data["code"].as_array().unwrap().iter().filter_map(|line| line.as_str()).collect();
            let mut count = 0;
            for step in data["trace"]["steps"].as_array().unwrap() {
                let (kind, name) = (step["kind"].as_str().unwrap(), step["name"].as_str().unwrap());
                if kind == "forward" || kind == "reverse" && name != "seed" {
                    let start = format!("let {name} =");
                    assert_eq!(
                        code.iter().filter(|line| line.trim().starts_with(&start)).count(),
                        1,
                        "{name}: {code:#?}"
                    );
                    count += 1;
                }
            }
            let lines = code.iter().filter(|line| line.trim().starts_with("let ")).count();
            assert_eq!(count, lines, "{topic:?}: {code:#?}");
        }
    }

    #[test]
    fn the_numbers_are_those_of_the_hand() {
        let data = data(Topic::Paths, &[2.0, 0.5]).unwrap();
        // u² + 3v with u = xy, v = sin x + y²
        assert_eq!(data["trace"]["result"], "4.4779");
        assert_eq!(data["trace"]["gradient"], json!(["-0.2484", "7.0"]));
    }

    /// `UPDATE_EXPECT=1` writes it anew.
    #[test]
    fn the_picture_in_the_book_is_the_graph() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/chain-rule.svg");
        let picture = picture(Topic::Paths).unwrap();
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::write(path, &picture).unwrap();
        }
        assert!(
            std::fs::read_to_string(path).unwrap() == picture,
            "run this with UPDATE_EXPECT=1, and look at {path}"
        );
    }

    #[test]
    fn the_page_needs_nothing_else() {
        let page = write(|topic| topic.point().to_vec()).unwrap();
        for place in ["/* style */", "/* scripts */", "/* topics */", "src=", "https://"] {
            assert!(!page.contains(place), "{place}");
        }
        assert_eq!(page.matches("</script>").count(), 1);
    }
}
