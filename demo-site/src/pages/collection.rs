//! Departments: all of them, and the products of one.

use maud::{Markup, html};

use super::{Frame, parts};
use crate::attributes::colour_names;
use crate::catalogue::{Collection, Filter, PriceRange, Sort, list};
use crate::server::{Request, Shop};
use crate::theme_api::image_url;

/// Parameters of lists that links keep.
pub(super) const PARAMETERS: [&str; 6] = ["q", "sort_by", "price", "colour", "in_stock", "page"];

/// `GET /collections/{handle}`; nothing where there is no such department.
pub(crate) fn page(shop: &Shop, request: &Request, handle: &str) -> Option<Markup> {
    let collection = find(shop, handle)?;
    let path = format!("/collections/{handle}");
    let title = collection.title.as_str();
    let main = html! {
        div.wrap {
            (parts::crumbs(&[("/", "Home"), ("/collections", "Departments")], title))
            h1 { (title) }
            (listing(shop, request, &path, &collection.products))
        }
    };
    let description =
        format!("{title} from Fernside & Co: {} products.", collection.products.len());
    Some(Frame { shop, request, title, description: &description }.around(&main))
}

/// `GET /collections`
pub(crate) fn index(shop: &Shop, request: &Request) -> Markup {
    let picture = |collection: &Collection| {
        collection.products.first().and_then(|at| shop.catalogue.get(*at)).map(image_url)
    };
    let main = html! {
        div.wrap {
            (parts::crumbs(&[("/", "Home")], "Departments"))
            h1 { "All departments" }
            ul.tiles {
                @for collection in &shop.catalogue.collections {
                    li {
                        a.tile href={ "/collections/" (collection.handle) } {
                            img src=[picture(collection)] alt="" width="200" height="200" loading="lazy";
                            span {
                                strong { (collection.title) }
                                span { (collection.products.len()) " products" }
                            }
                        }
                    }
                }
            }
        }
    };
    let description = "All departments of Fernside & Co.";
    Frame { shop, request, title: "All departments", description }.around(&main)
}

/// A department, or everything, what is new, or what is reduced.
fn find(shop: &Shop, handle: &str) -> Option<Collection> {
    let catalogue = &shop.catalogue;
    let select = |title: &str, keep: fn(&crate::catalogue::Product) -> bool| {
        let all = catalogue.best_sellers.iter().copied();
        let products = all.filter(|at| catalogue.get(*at).is_some_and(keep)).collect();
        Some(Collection { handle: handle.to_owned(), title: title.to_owned(), products })
    };
    match handle {
        "all" => select("Everything", |_| true),
        "new" => select("New in", |product| product.invoices == 0),
        "sale" => select("Sale", |product| product.compare_at_minor.is_some()),
        _ => catalogue.collection(handle).cloned(),
    }
}

/// Filters, products and pages.
pub(super) fn listing(shop: &Shop, request: &Request, path: &str, products: &[usize]) -> Markup {
    let sort = Sort::of_name(request.parameter("sort_by"));
    let filter = filter_of(request);
    let number = request.parameter("page").parse().unwrap_or(1);
    let page = list(&shop.catalogue, products, &filter, sort, number);
    let found = page.products.iter().filter_map(|at| shop.catalogue.get(*at));
    html! {
        form.filters action=(path) {
            @if !request.parameter("q").is_empty() {
                input type="hidden" name="q" value=(request.parameter("q"));
            }
            label {
                span { "Sort by" }
                select name="sort_by" {
                    @for (known, name, shown) in Sort::ALL {
                        option value=(name) selected[known == sort] { (shown) }
                    }
                }
            }
            label {
                span { "Price" }
                select name="price" {
                    option value="" { "Any price" }
                    @for range in PriceRange::ALL {
                        option value=(range.name) selected[filter.price == Some(range)] { (range.shown) }
                    }
                }
            }
            label {
                span { "Colour" }
                select name="colour" {
                    option value="" { "Any colour" }
                    @for name in colour_names() {
                        option value=(name) selected[filter.colour.as_deref() == Some(name)] { (name) }
                    }
                }
            }
            label.check {
                input type="checkbox" name="in_stock" value="1" checked[filter.in_stock];
                span { "In stock only" }
            }
            button.button.button--small type="submit" { "Apply" }
            p.filters__count role="status" {
                (page.total) @if page.total == 1 { " product" } @else { " products" }
            }
        }
        @if page.total == 0 {
            div.empty {
                p { "Nothing here fits all of that." }
                a.button.button--quiet href=(path) { "Clear the filters" }
            }
        } @else {
            (parts::grid(found, 8))
            (parts::pager(path, request, &page))
        }
    }
}

/// What the parameters narrow a list to; what is not known narrows nothing.
fn filter_of(request: &Request) -> Filter {
    let price = request.parameter("price");
    let colour = request.parameter("colour");
    Filter {
        price: PriceRange::ALL.into_iter().find(|range| range.name == price),
        colour: colour_names().find(|name| *name == colour).map(str::to_owned),
        in_stock: request.parameter("in_stock") == "1",
    }
}
