//! Inventory on hand: how much of a product is where, and the answers to requests from Dataverse.

use crate::{FinOps, SaveError, SavedChange};
use dwsim_catalog::facts::InventoryInquiry;
use dwsim_model::{Change, CompanyCode, Name, Operation, Value};
use dwsim_store::StoreError;
use jiff::Timestamp;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// Quantities of one product in one warehouse.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OnHand {
    /// Physically there.
    pub on_hand: Decimal,
    /// Reserved of it.
    pub reserved: Decimal,
    /// On its way.
    pub ordered: Decimal,
}

impl OnHand {
    /// What is left of what is there.
    pub fn available(self) -> Decimal {
        self.on_hand - self.reserved
    }
}

/// Stock by company, product, site and warehouse, all in lower case, with the spelling of the last two.
type Stock = BTreeMap<[String; 4], (String, String, OnHand)>;

/// What F&O knows of stock, and what was asked and is not answered yet.
#[derive(Debug, Default)]
pub(crate) struct Inventory {
    stock: Stock,
    asked: Vec<Value>,
}

impl Inventory {
    pub(crate) fn ask(&mut self, request: Value) {
        self.asked.push(request);
    }
}

impl FinOps {
    /// Sets how much of a product a warehouse holds. It stands for the inventory transactions this environment does
    /// not keep.
    pub fn set_on_hand(
        &mut self,
        company: &CompanyCode,
        product: &str,
        site: &str,
        warehouse: &str,
        quantities: OnHand,
    ) {
        let key = [company.as_str(), product, site, warehouse].map(str::to_ascii_lowercase);
        self.inventory.stock.insert(key, (site.to_owned(), warehouse.to_owned(), quantities));
    }

    /// The requests for inventory on hand that wait for an answer, which wait no longer.
    pub fn take_inquiries(&mut self) -> Vec<Value> {
        std::mem::take(&mut self.inventory.asked)
    }

    /// Answers requests in a transaction the caller opened: one entry for each warehouse that fits, or one with zeros
    /// when a warehouse was named and holds nothing. Requests that were rolled back are passed over.
    pub fn answer_inquiries(
        &mut self,
        asked: &[Value],
        now: Timestamp,
    ) -> Result<Vec<SavedChange>, SaveError> {
        let facts = self.catalog.facts().inventory().clone();
        let mut saved = Vec::new();
        for request in asked {
            for change in self.entries(&facts, request, now)? {
                saved.push(self.save(&change)?);
            }
        }
        Ok(saved)
    }

    fn entries(
        &self,
        facts: &InventoryInquiry,
        request: &Value,
        now: Timestamp,
    ) -> Result<Vec<Change>, StoreError> {
        // The facts are checked against the catalogue, so that the entity is there.
        let Some(table) = self.table(&facts.request) else { return Ok(Vec::new()) };
        let shape = self.store.table_type(table).clone();
        let all: Vec<usize> = (0..shape.typed_columns()).collect();
        let Some(row) = self.store.get(table, request, &all)? else { return Ok(Vec::new()) };
        let cell = |name: &Name| shape.ordinal(name).map_or(Value::Null, |at| row[at].clone());
        let text = |name: &Name| cell(name).as_text().unwrap_or_default().to_owned();
        let company = shape.company.map_or(Value::Null, |at| row[at].clone());
        let wanted = match cell(&facts.order_quantity) {
            Value::Decimal(wanted) => wanted,
            _ => Decimal::ZERO,
        };
        let (site, warehouse) = (text(&facts.site), text(&facts.warehouse));
        let (of_company, of_product) =
            (company.to_string().to_ascii_lowercase(), text(&facts.product).to_ascii_lowercase());
        let fits = |asked: &str, own: &str| asked.is_empty() || asked.eq_ignore_ascii_case(own);
        let stock = self.inventory.stock.iter().filter(|([own_company, own_product, own_site, own], _)| {
            *own_company == of_company
                && *own_product == of_product
                && fits(&site, own_site)
                && fits(&warehouse, own)
        });
        let mut places: Vec<(String, String, OnHand)> = stock.map(|(_, place)| place.clone()).collect();
        if places.is_empty() && !warehouse.is_empty() {
            places.push((site, warehouse, OnHand::default()));
        }
        let company_field = shape.company.map(|at| shape.column(at).name.clone());
        let entry = |(site, warehouse, held): (String, String, OnHand)| {
            let available = held.available();
            let short = (wanted - available).max(Decimal::ZERO);
            let mut values = vec![
                (facts.entry_request_id.clone(), cell(&facts.request_id)),
                (facts.entry_site.clone(), Value::text(site)),
                (facts.entry_warehouse.clone(), Value::text(warehouse)),
                (facts.entry_date.clone(), Value::Instant(now)),
                (facts.entry_order_quantity.clone(), Value::Decimal(wanted)),
                (facts.on_hand.clone(), Value::Decimal(held.on_hand)),
                (facts.reserved.clone(), Value::Decimal(held.reserved)),
                (facts.available.clone(), Value::Decimal(available)),
                (facts.ordered.clone(), Value::Decimal(held.ordered)),
                (facts.total_available.clone(), Value::Decimal(available + held.ordered)),
                (facts.unavailable.clone(), Value::Decimal(short)),
            ];
            values.extend(company_field.clone().map(|name| (name, company.clone())));
            Change { table: facts.entry.clone(), operation: Operation::Create, key: Vec::new(), values }
        };
        Ok(places.into_iter().map(entry).collect())
    }
}
