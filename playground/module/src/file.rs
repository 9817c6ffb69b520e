//! A file of Rust, read: its functions, and the one that the page is about.

use crate::constants::constants;
use crate::place::{Range, Source};
use crate::types::{self, Types};
use crate::{json, place, show};
use grad_compiler::args::Args;
use grad_compiler::diag::{Errors, Message};
use grad_compiler::expand::{self, Passes};
use grad_compiler::interp::Program;
use grad_compiler::{function, lower};
use proc_macro2::TokenStream;
use std::collections::BTreeMap;
use syn::{Expr, Item, ItemFn};

pub(crate) struct File<'t> {
    pub(crate) source: Source<'t>,
    pub(crate) functions: Vec<Function>,
    /// The types with named fields.
    pub(crate) types: Types,
    pub(crate) constants: BTreeMap<String, Expr>,
    /// Which of the functions the page is about.
    chosen: usize,
}

/// A function, or a method made one.
pub(crate) struct Function {
    pub(crate) item: ItemFn,
    /// Of the attribute of a method's block, and of its own.
    args: Option<Args>,
    /// The type of a method.
    of: Option<String>,
}

impl Function {
    /// As it is called: `Spring::energy` is the method of a type.
    pub(crate) fn name(&self) -> String {
        let name = self.item.sig.ident.to_string();
        self.of.as_ref().map_or(name.clone(), |of| format!("{of}::{name}"))
    }

    /// By what it is called by others: what operators are called by, are their operands' types.
    pub(crate) fn called(&self) -> String {
        let method = self.args.as_ref().and_then(|args| args.method.as_ref());
        let Some((operator, second)) = method.and_then(|method| method.operator.as_ref()) else {
            return self.name();
        };
        let first = method.map(|method| &method.of);
        let operands = first.into_iter().chain(second).map(|ty| self.operand(ty));
        Program::operator(operator.name, &operands.collect::<Vec<_>>())
    }

    /// The type of an operand, by its last word, behind its reference.
    fn operand(&self, ty: &syn::Type) -> String {
        match ty {
            syn::Type::Reference(reference) => format!("&{}", self.operand(&reference.elem)),
            _ if types::is_float(ty) => "f64".to_owned(),
            _ => match types::name(ty) {
                Some(name) if name != "Self" => name,
                _ => self.of.clone().unwrap_or_default(),
            },
        }
    }

    pub(crate) fn takes_self(&self) -> bool {
        self.args
            .as_ref()
            .and_then(|args| args.method.as_ref())
            .is_some_and(|method| method.receiver.is_some())
    }

    fn is_annotated(&self) -> bool {
        self.of.is_some() || show::annotation(&self.item).is_some()
    }

    /// The function without its attribute, what the attribute says, and what the passes make of it.
    pub(crate) fn derived(&self, second: bool) -> Result<(ItemFn, Args, Passes), Errors> {
        let mut errors = Errors::new();
        let mut args = match &self.args {
            Some(args) => args.clone(),
            None => Args::parse(&mut errors, show::annotation(&self.item).unwrap_or_default()),
        };
        let bare = show::bare(&self.item);
        if second && !args.has_rule() {
            args.order = args.order.max(2);
        }
        let (bare, args) = function::with_functions(&mut errors, &bare, &args);
        if errors.is_empty()
            && let Some(passes) = expand::passes(&mut errors, &bare, &args)
            && errors.is_empty()
        {
            return Ok((bare, args, passes));
        }
        Err(errors)
    }
}

impl<'t> File<'t> {
    /// What cannot be read is a list of errors, as JSON. Without a name the file is about the last function that is
    /// annotated, or the last one.
    pub(crate) fn read(text: &'t str, name: &str) -> Result<File<'t>, Vec<String>> {
        let tokens = match text.parse::<TokenStream>() {
            Ok(tokens) => tokens,
            Err(error) => {
                let source = Source::new(text, &TokenStream::new());
                let at = source.offset(error.span().start()).map(|from| Range { from, to: from + 1 });
                let what = "this cannot be read: a bracket or a quote is missing";
                return Err(vec![unreadable(at.unwrap_or(source.whole()), what)]);
            }
        };
        let source = Source::new(text, &tokens);
        let mut errors = Errors::new();
        if !lower::size::prescan(&mut errors, &tokens) {
            return Err(messages(&source, errors));
        }
        let items = match syn::parse2::<syn::File>(tokens) {
            Ok(file) => file.items,
            Err(error) => {
                let at = source.of(error.span()).unwrap_or(source.whole());
                return Err(vec![unreadable(at, &error.to_string())]);
            }
        };
        let (types, constants) = (Types::of(&items), constants(&items));
        let functions = functions(&mut errors, items);
        if !errors.is_empty() {
            return Err(messages(&source, errors));
        }
        let named = functions.iter().rposition(|function| function.name() == name);
        let annotated = || functions.iter().rposition(Function::is_annotated);
        match named.or_else(annotated).or(functions.len().checked_sub(1)) {
            Some(chosen) => Ok(File { source, functions, types, constants, chosen }),
            None => {
                let what = "there is no function here: write one, such as `fn f(x: f64) -> f64 { x * x }`";
                Err(vec![unreadable(source.whole(), what)])
            }
        }
    }

    pub(crate) fn function(&self) -> &Function {
        &self.functions[self.chosen]
    }
}

fn functions(errors: &mut Errors, items: Vec<Item>) -> Vec<Function> {
    let mut all = Vec::new();
    for item in items {
        match item {
            Item::Fn(item) => all.push(Function { item, args: None, of: None }),
            Item::Mod(module) => {
                if let Some((_, items)) = module.content {
                    all.extend(functions(errors, items));
                }
            }
            Item::Impl(mut block) => {
                let Some(at) = block.attrs.iter().position(show::is_grad) else { continue };
                let attr = block.attrs.remove(at);
                let tokens = attr.meta.require_list().map(|list| list.tokens.clone()).unwrap_or_default();
                let args = Args::parse(errors, tokens);
                let of = types::name(&block.self_ty);
                let methods = expand::methods(errors, &args, block);
                all.extend(methods.into_iter().map(|(item, args)| Function {
                    item,
                    args: Some(args),
                    of: of.clone(),
                }));
            }
            _ => {}
        }
    }
    all
}

pub(crate) fn messages(source: &Source, errors: Errors) -> Vec<String> {
    errors.into_messages().iter().map(|message| error(source, message)).collect()
}

fn error(source: &Source, message: &Message) -> String {
    let (start, end) = message.place();
    let at = source.between(start, end).unwrap_or(source.whole());
    json::object([
        ("code", json::string(&message.code.to_string())),
        ("title", json::string(message.code.title())),
        ("what", json::string(&message.what)),
        ("help", json::string(&message.help)),
        ("at", place::all([at])),
    ])
}

/// What rustc would say, which has no number of ours.
fn unreadable(at: Range, what: &str) -> String {
    json::object([
        ("code", json::string("")),
        ("title", json::string("not Rust")),
        ("what", json::string(what)),
        ("help", json::string("")),
        ("at", place::all([at])),
    ])
}
