//! Placeholders: how the user's tokens name the variables of the IR.

use super::{Code, Operand, Pattern, Var};
use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};

/// Prefix of every identifier that is reserved for the compiler.
pub const RESERVED: &str = "__grad";

/// The method of the runtime that takes what there is from a `Result` or an `Option`.
const REACHED: &str = "__grad_reached";

/// The identifier that stands for `var` in the tokens of a [`Code`].
pub fn placeholder(var: Var, span: Span) -> Ident {
    Ident::new(&format!("__grad_v{}", var.0), span)
}

/// The variable an identifier stands for, if it is a placeholder.
pub fn placeholder_index(ident: &Ident) -> Option<Var> {
    ident.to_string().strip_prefix("__grad_v")?.parse().ok().map(Var)
}

/// What a counter that goes up by one in each pass of a loop to `hi` is in the pass with this index, from what it is in the
/// end.
pub fn counted_back(end: &Operand, index: &Operand, hi: &Operand) -> String {
    let [end, index, hi] = [end, index, hi].map(|operand| match operand {
        Operand::Var(var) => placeholder(*var, Span::call_site()).to_string(),
        Operand::Lit(lit) => lit.text.clone(),
    });
    format!("__grad_runtime::down({end}, __grad_runtime::trips({index}, {hi}))")
}

impl Code {
    /// Code from tokens that hold placeholders already.
    pub fn new(tokens: TokenStream, cheap: bool) -> Code {
        let mut reads = Vec::new();
        collect(tokens.clone(), &mut reads);
        let leaves = leaves(tokens.clone());
        Code {
            tokens,
            reads,
            cheap: cheap && !leaves,
            leaves,
            stops: false,
            acts: false,
            owned: false,
            steady: cheap,
            changes: Vec::new(),
            flows: Vec::new(),
            method: None,
        }
    }

    /// The same, and no derivative flows through it.
    pub fn stopping(self) -> Code {
        Code { stops: true, ..self }
    }

    /// The same, and what it gives is not to be had again by evaluating it once more.
    pub fn once(self) -> Code {
        Code { cheap: false, ..self }
    }

    /// The same, evaluated for its effect.
    pub fn acting(self) -> Code {
        Code { acts: true, ..self }
    }

    /// The same, a question whether a derivative flows: whether one of these is not 0.
    pub fn asking(self, flows: Vec<Var>) -> Code {
        Code { flows, ..self }
    }

    /// The same, a call of a method that is followed for constants only.
    pub fn calling(self, method: Ident) -> Code {
        Code { method: Some(method), ..self }
    }

    /// The variable that is the first token: of a chain of method calls, the receiver.
    pub fn receiver(&self) -> Option<Var> {
        let mut tokens = self.tokens.clone();
        loop {
            tokens = match tokens.into_iter().next()? {
                TokenTree::Ident(ident) => return placeholder_index(&ident),
                TokenTree::Group(group) => group.stream(),
                TokenTree::Punct(_) | TokenTree::Literal(_) => return None,
            };
        }
    }

    /// The variable that it is, and nothing else.
    pub fn variable(&self) -> Option<Var> {
        let mut trees = self.tokens.clone().into_iter();
        match (trees.next()?, trees.next()) {
            (TokenTree::Ident(ident), None) => placeholder_index(&ident),
            _ => None,
        }
    }

    /// The name of a constant, a field or an element: taken by value, a copy of it.
    pub fn is_copied(&self) -> bool {
        let trees: Vec<TokenTree> = self.tokens.clone().into_iter().collect();
        let is_step = |tree: &TokenTree| match tree {
            TokenTree::Punct(punct) => matches!(punct.as_char(), '.' | ':'),
            TokenTree::Group(group) => group.delimiter() == proc_macro2::Delimiter::Bracket,
            TokenTree::Ident(_) | TokenTree::Literal(_) => true,
        };
        // A function may be turned into a pointer to it where it is passed.
        let is_function = match &trees[..] {
            [.., TokenTree::Ident(last)] if self.reads.is_empty() => {
                !last.to_string().starts_with(char::is_uppercase)
            }
            _ => false,
        };
        let [TokenTree::Ident(first), rest @ ..] = &trees[..] else { return false };
        let is_named = placeholder_index(first).is_none() || !rest.is_empty();
        self.cheap && is_named && !is_function && rest.iter().all(is_step)
    }

    /// It is a reference, by its first token.
    pub fn is_reference(&self) -> bool {
        matches!(self.tokens.clone().into_iter().next(), Some(TokenTree::Punct(punct)) if punct.as_char() == '&')
    }

    /// `None`, of a type that only the place tells where it goes.
    pub fn is_none(&self) -> bool {
        let mut path = self.tokens.to_string();
        path.retain(|c| !c.is_whitespace());
        path == "None" || path.ends_with("Option::None")
    }

    /// What a pullback takes again for an argument.
    pub fn retaken(&self) -> Code {
        if self.is_none() {
            return Code::new(written("__grad_runtime::none_again()"), false);
        }
        let mut tokens = written("__grad_runtime::retaken");
        let mut argument = written("&");
        argument.extend(self.tokens.clone());
        tokens.extend([TokenTree::Group(proc_macro2::Group::new(
            proc_macro2::Delimiter::Parenthesis,
            argument,
        ))]);
        Code::new(tokens, false)
    }

    /// A constant that is lent by `&mut`, or is such a reference by its name, behind `&`.
    pub fn behind_shared(&self) -> Code {
        let mut trees: Vec<TokenTree> = self.tokens.clone().into_iter().collect();
        let is_lent =
            self.is_reference() && matches!(&trees[..], [_, TokenTree::Ident(word), ..] if word == "mut");
        if is_lent {
            trees.remove(1);
        }
        let mut tokens = if is_lent { TokenStream::new() } else { written("&*") };
        tokens.extend(trees);
        Code::new(tokens, self.cheap)
    }

    /// What is to be kept of a constant that is lent, which the callee's parameter says.
    pub fn left(&self, span: Span) -> Code {
        let mut tokens = written("__grad_runtime::left");
        tokens.extend([TokenTree::Group(proc_macro2::Group::new(
            proc_macro2::Delimiter::Parenthesis,
            self.behind_shared().tokens,
        ))]);
        let tokens = tokens.into_iter().map(|mut tree| {
            tree.set_span(span);
            tree
        });
        Code::new(tokens.collect(), false)
    }

    /// A copy of what a reference refers to. What cannot be copied is an error there.
    pub fn seen(&self, span: Span) -> Code {
        let mut argument = proc_macro2::Group::new(proc_macro2::Delimiter::Parenthesis, self.tokens.clone());
        argument.set_span(span);
        let mut tokens: TokenStream = written("__grad_runtime::seen")
            .into_iter()
            .map(|mut tree| {
                tree.set_span(span);
                tree
            })
            .collect();
        tokens.extend([TokenTree::Group(argument)]);
        Code::new(tokens, false)
    }

    /// Whether a variable may be another one afterwards: what lowering has written down.
    pub fn may_change(&self, var: Var) -> bool {
        self.changes.contains(&var)
    }

    /// It panics, or leaves the function, whatever it reads: what comes after it has no meaning.
    pub fn diverges(&self) -> bool {
        let trees: Vec<TokenTree> = self.tokens.clone().into_iter().collect();
        if matches!(trees.first(), Some(TokenTree::Ident(first)) if first == "return") {
            return true;
        }
        trees.windows(2).any(|pair| match pair {
            [TokenTree::Ident(name), TokenTree::Punct(bang)] => {
                bang.as_char() == '!'
                    && matches!(
                        name.to_string().as_str(),
                        "panic" | "unreachable" | "todo" | "unimplemented" | "bail"
                    )
            }
            _ => false,
        })
    }

    /// The same where it is known not to leave the function: what there is, in place of a `?`, by a method of the runtime.
    pub fn staying(&self) -> Option<Code> {
        let mut trees = self.tokens.clone().into_iter().peekable();
        if matches!(trees.peek(), Some(TokenTree::Ident(first)) if first == "return") {
            let code = Code::new(written("::core::unreachable!(\"the function came to its end\")"), false);
            return Some(Code { acts: self.acts, steady: true, ..code });
        }
        let mut staying = TokenStream::new();
        for tree in trees {
            match tree {
                TokenTree::Punct(punct) if punct.as_char() == '?' => {
                    staying.extend(written(&format!(".{REACHED}()")));
                }
                TokenTree::Group(group) if leaves(group.stream()) => return None,
                tree => staying.extend([tree]),
            }
        }
        (!leaves(staying.clone())).then(|| {
            let changes = self.changes.clone();
            Code { changes, ..Code::new(staying, false).known_as(self) }
        })
    }

    /// The same tokens over other operands.
    pub fn with_operands(&self, mut to: impl FnMut(Var) -> super::Operand) -> Code {
        let code = Code::new(replace_trees(self.tokens.clone(), &mut to), self.cheap);
        let mut all = |vars: &[Var]| vars.iter().filter_map(|var| to(*var).var()).collect();
        let (changes, flows) = (all(&self.changes), all(&self.flows));
        Code { changes, flows, ..code.known_as(self) }
    }

    /// With what is known of another of which only the operands differ.
    fn known_as(self, other: &Code) -> Code {
        Code {
            stops: other.stops,
            acts: other.acts,
            owned: other.owned,
            steady: other.steady,
            method: other.method.clone(),
            ..self
        }
    }

    /// The same tokens with every placeholder replaced.
    pub fn map_vars(&self, mut to: impl FnMut(Var) -> Var) -> Code {
        let tokens = replace(self.tokens.clone(), &mut |ident, var| placeholder(to(var), ident.span()));
        let code = Code::new(tokens, self.cheap);
        let mut all = |vars: &[Var]| vars.iter().map(|var| to(*var)).collect();
        let (changes, flows) = (all(&self.changes), all(&self.flows));
        Code { changes, flows, ..code.known_as(self) }
    }

    /// `match scrutinee { pattern => bound, _ => None.expect(…) }`: what a pattern bound to a variable, once more. `all`: the
    /// pattern matches whatever is left.
    pub fn match_again(scrutinee: &Code, pattern: &Pattern, bound: Var, all: bool) -> Code {
        let name = Ident::new("__grad_bound", Span::call_site());
        let mut arms = replace(pattern.tokens.clone(), &mut |ident, var| {
            if var == bound { name.clone() } else { Ident::new(&format!("_{}", var.0), ident.span()) }
        });
        arms.extend(written("=>"));
        arms.extend([TokenTree::Ident(name)]);
        let others = r#", _ => ::core::option::Option::None.expect("this arm was taken"),"#;
        arms.extend(written(if all { "," } else { others }));
        let mut tokens = written("match");
        tokens.extend(scrutinee.tokens.clone());
        tokens.extend([braces(arms)]);
        Code::new(tokens, true)
    }

    /// `if cond { then } else { otherwise }`
    pub fn choose(cond: &super::Operand, then: &Code, otherwise: &Code) -> Code {
        let mut tokens = written("if");
        tokens.extend(operand_tokens(cond));
        tokens.extend([braces(then.tokens.clone())]);
        tokens.extend(written("else"));
        tokens.extend([braces(otherwise.tokens.clone())]);
        Code::new(tokens, true)
    }
}

fn written(text: &str) -> TokenStream {
    text.parse().expect("written here, and valid")
}

fn braces(tokens: TokenStream) -> TokenTree {
    TokenTree::Group(proc_macro2::Group::new(proc_macro2::Delimiter::Brace, tokens))
}

/// The same of tokens that are no expression: every method changes what it is called of.
pub(crate) fn may_change(tokens: TokenStream, var: Var) -> bool {
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    let is = |tree: Option<&TokenTree>, c: char| matches!(tree, Some(TokenTree::Punct(punct)) if punct.as_char() == c);
    let is_group = |tree: Option<&TokenTree>, delimiter| matches!(tree, Some(TokenTree::Group(group)) if group.delimiter() == delimiter);
    trees.iter().enumerate().any(|(at, tree)| match tree {
        TokenTree::Group(group) => may_change(group.stream(), var),
        TokenTree::Ident(ident) if placeholder_index(ident) == Some(var) => {
            let is_lent = at >= 2
                && is(trees.get(at - 2), '&')
                && matches!(&trees[at - 1], TokenTree::Ident(word) if word == "mut");
            // A part of it: fields and elements.
            let mut behind = at + 1;
            loop {
                let is_field = is(trees.get(behind), '.') && trees.get(behind + 1).is_some();
                if is_field && !is_group(trees.get(behind + 2), Delimiter::Parenthesis) {
                    behind += 2;
                } else if is_group(trees.get(behind), Delimiter::Bracket) {
                    behind += 1;
                } else {
                    break;
                }
            }
            let is_called = is(trees.get(behind), '.');
            let is_assigned = trees[behind..].iter().take(3).any(|tree| is(Some(tree), '='));
            is_lent || is_called || is_assigned
        }
        TokenTree::Ident(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

/// Whether there is a `return`, a `?`, or a macro that stands for one. Those in a closure inside leave the closure only: what
/// is said of code with such a closure is true of less.
fn leaves(tokens: TokenStream) -> bool {
    let mut before: Option<Ident> = None;
    tokens.into_iter().any(|tree| {
        let name = before.take();
        match tree {
            TokenTree::Ident(ident) => {
                let leaves = ident == "return";
                before = Some(ident);
                leaves
            }
            TokenTree::Punct(punct) if punct.as_char() == '!' => {
                name.is_some_and(|name| name == "bail" || name == "ensure")
            }
            TokenTree::Punct(punct) => punct.as_char() == '?',
            TokenTree::Group(group) => leaves(group.stream()),
            TokenTree::Literal(_) => false,
        }
    })
}

/// Every placeholder of `tokens`, in order, each once.
fn collect(tokens: TokenStream, reads: &mut Vec<Var>) {
    for tree in tokens {
        match tree {
            TokenTree::Ident(ident) => {
                if let Some(var) = placeholder_index(&ident)
                    && !reads.contains(&var)
                {
                    reads.push(var);
                }
            }
            TokenTree::Group(group) => collect(group.stream(), reads),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

/// Replaces every placeholder identifier.
pub fn replace(tokens: TokenStream, to: &mut impl FnMut(&Ident, Var) -> Ident) -> TokenStream {
    tokens
        .into_iter()
        .map(|tree| match tree {
            TokenTree::Ident(ident) => match placeholder_index(&ident) {
                Some(var) => TokenTree::Ident(to(&ident, var)),
                None => TokenTree::Ident(ident),
            },
            TokenTree::Group(group) => {
                let mut replaced = proc_macro2::Group::new(group.delimiter(), replace(group.stream(), to));
                replaced.set_span(group.span());
                TokenTree::Group(replaced)
            }
            tree => tree,
        })
        .collect()
}

/// The tokens that stand for an operand in a [`Code`].
fn operand_tokens(operand: &super::Operand) -> TokenStream {
    match operand {
        super::Operand::Var(var) => TokenTree::Ident(placeholder(*var, Span::call_site())).into(),
        super::Operand::Lit(lit) => lit.text.parse().expect("the text of a literal is a literal"),
    }
}

fn replace_trees(tokens: TokenStream, to: &mut impl FnMut(Var) -> super::Operand) -> TokenStream {
    let mut replaced = TokenStream::new();
    for tree in tokens {
        match tree {
            TokenTree::Ident(ident) => match placeholder_index(&ident).map(&mut *to) {
                Some(super::Operand::Var(var)) => {
                    replaced.extend([TokenTree::Ident(placeholder(var, ident.span()))]);
                }
                Some(literal @ super::Operand::Lit(_)) => replaced.extend(operand_tokens(&literal)),
                None => replaced.extend([TokenTree::Ident(ident)]),
            },
            TokenTree::Group(group) => {
                let inner = replace_trees(group.stream(), to);
                let mut group_again = proc_macro2::Group::new(group.delimiter(), inner);
                group_again.set_span(group.span());
                replaced.extend([TokenTree::Group(group_again)]);
            }
            tree => replaced.extend([tree]),
        }
    }
    replaced
}
