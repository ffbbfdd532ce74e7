//! The columns of a table of orders.

use super::super::Options;
use super::super::error::ImportError;
use super::super::mapping::Field;
use crate::read::Table;

pub(super) const ORDER: Field = Field {
    name: "order",
    names: &["invoiceno", "invoice", "ordernumber", "orderno", "orderid", "order", "name", "id"],
};
pub(super) const SKU: Field =
    Field { name: "sku", names: &["stockcode", "lineitemsku", "sku", "productsku", "variantsku"] };
pub(super) const TITLE: Field = Field {
    name: "title",
    names: &["lineitemname", "producttitle", "productname", "itemname", "description"],
};
pub(super) const QUANTITY: Field =
    Field { name: "quantity", names: &["quantity", "lineitemquantity", "qty", "netquantity"] };
pub(super) const DATE: Field = Field {
    name: "date",
    names: &["invoicedate", "createdat", "orderdate", "date", "paidat", "processedat"],
};
pub(super) const PRICE: Field =
    Field { name: "price", names: &["unitprice", "lineitemprice", "price", "itemprice"] };
pub(super) const CUSTOMER: Field = Field {
    name: "customer",
    names: &["customerid", "customer", "email", "customeremail", "billingemail"],
};
pub(super) const CANCELLED: Field =
    Field { name: "cancelled", names: &["cancelledat", "canceledat"] };
pub(super) const STATUS: Field =
    Field { name: "status", names: &["financialstatus", "paymentstatus", "orderstatus", "status"] };
pub(super) const CURRENCY: Field = Field { name: "currency", names: &["currency", "currencycode"] };
pub(super) const EMAIL: Field =
    Field { name: "email", names: &["email", "customeremail", "billingemail", "emailaddress"] };
pub(super) const FULFILMENT: Field = Field {
    name: "fulfilment",
    names: &["fulfillmentstatus", "fulfilmentstatus", "deliverystatus", "shippingstatus"],
};
pub(super) const SHIPPED: Field =
    Field { name: "shipped", names: &["fulfilledat", "shippedat", "dispatchedat"] };
pub(super) const DELIVERED: Field = Field { name: "delivered", names: &["deliveredat"] };
pub(super) const SHIPPING: Field =
    Field { name: "shipping", names: &["shipping", "shippingcost", "shippingprice"] };
pub(super) const DISCOUNT: Field =
    Field { name: "discount", names: &["discountamount", "discount", "totaldiscount"] };
pub(super) const TOTAL: Field = Field { name: "total", names: &["total", "ordertotal"] };

/// Every field.
pub(super) const FIELDS: [Field; 17] = [
    ORDER, SKU, TITLE, QUANTITY, DATE, PRICE, CUSTOMER, CANCELLED, STATUS, CURRENCY, EMAIL,
    FULFILMENT, SHIPPED, DELIVERED, SHIPPING, DISCOUNT, TOTAL,
];

/// Which column each field is.
pub(super) struct Columns([Option<usize>; FIELDS.len()]);

impl Columns {
    /// Finds them in a table.
    pub(super) fn find(
        table: &Table,
        file: &str,
        options: &Options<'_>,
    ) -> Result<Self, ImportError> {
        let mapping = &options.mapping;
        let names = table.columns();
        for field in [ORDER, QUANTITY, DATE, PRICE] {
            mapping.require(field, names, file)?;
        }
        let mut columns = [None; FIELDS.len()];
        for (at, field) in columns.iter_mut().zip(FIELDS) {
            *at = mapping.column(field, names, file)?;
        }
        let columns = Self(columns);
        if columns.of(TITLE).is_none() {
            mapping.require(SKU, names, file)?;
        }
        Ok(columns)
    }

    /// The column of a field.
    pub(super) fn of(&self, field: Field) -> Option<usize> {
        let at = FIELDS.iter().position(|known| known.name == field.name)?;
        self.0.get(at).copied().flatten()
    }
}
