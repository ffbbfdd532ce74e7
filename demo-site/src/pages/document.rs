//! The shop's documents as pages.

use maud::{Markup, html};

use super::{Frame, parts};
use crate::documents::Document;
use crate::server::{Request, Shop};

/// `GET /pages/{slug}`; nothing where there is no such document.
pub(crate) fn page(shop: &Shop, request: &Request, slug: &str) -> Option<Markup> {
    let document = shop.documents.iter().find(|document| document.slug == slug)?;
    let title = document.title.as_str();
    let main = html! {
        div.wrap.help {
            div.help__text.text {
                (parts::crumbs(&[("/", "Home"), ("/pages", "Help")], title))
                h1 { (title) }
                (document.markup())
            }
            @if document.sections.len() > 1 {
                nav.help__contents aria-label="On this page" {
                    h2 { "On this page" }
                    ul {
                        @for (anchor, heading) in &document.sections {
                            li { a href={ "#" (anchor) } { (heading) } }
                        }
                    }
                }
            }
        }
    };
    let description = format!("{title}: help from Fernside & Co.");
    Some(Frame { shop, request, title, description: &description }.around(&main))
}

/// `GET /pages`
pub(crate) fn index(shop: &Shop, request: &Request) -> Markup {
    let main = html! {
        div.wrap {
            (parts::crumbs(&[("/", "Home")], "Help"))
            h1 { "How can we help?" }
            p.lead { "Look it up here, or ask in the chat: it answers at any hour." }
            ul.topics {
                @for document in &shop.documents { li { (topic(document)) } }
            }
        }
    };
    let description = "Help with orders, delivery, returns, payment and everything else.";
    Frame { shop, request, title: "Help", description }.around(&main)
}

fn topic(document: &Document) -> Markup {
    let address = format!("/pages/{}", document.slug);
    html! {
        h2 { a href=(address) { (document.title) } }
        ul {
            @for (anchor, heading) in document.sections.iter().take(4) {
                li { a href={ (address) "#" (anchor) } { (heading) } }
            }
        }
    }
}
