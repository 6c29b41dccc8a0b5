-- Initial sync of Customers V3 to accounts, as somebody would write it by hand: the joins that find every lookup,
-- the value maps, the owner, the system columns. One statement copies, a second one resolves the table's reference
-- to itself, which the first cannot see.
INSERT INTO account(
  accountid, version, msdyn_company, accountnumber, creditlimit, transactioncurrencyid, description,
  msdyn_creditlimitismandatory, msdyn_creditrating, msdyn_customergroupid, msdyn_identificationnumber,
  msdyn_onetimecustomer, msdyn_onholdstatus, msdyn_partycountry, msdyn_partystateprovince, msdyn_paymentday,
  msdyn_customerpaymentmethod, msdyn_paymentschedule, msdyn_paymentterm, msdyn_paymenttermsbasedays,
  msdyn_taxexemptnumber, msdyn_vendor, customertypecode, msdyn_partyid, msdyn_primarycontact, msdyn_salestaxgroup,
  ownerid, owneridtype, owningteam, owningbusinessunit, createdon, createdby, modifiedon, modifiedby, statecode,
  statuscode)
SELECT
  CAST(printf('%016d', c.RecId) AS BLOB), c.RecId, ?1, c.CustomerAccount, c.CreditLimit, currency.id,
  nullif(c.SalesMemo, ''),
  c.CreditLimitIsMandatory, nullif(c.CreditRating, ''), grp.id, nullif(c.IdentificationNumber, ''),
  c.IsOneTimeCustomer,
  CASE c.OnHoldStatus WHEN 0 THEN 806380000 WHEN 1 THEN 806380001 WHEN 2 THEN 806380002 WHEN 3 THEN 806380003
    WHEN 4 THEN 806380004 WHEN 5 THEN 806380005 END,
  nullif(c.PartyCountry, ''), nullif(c.PartyState, ''), pday.id,
  method.id, schedule.id, term.id, c.PaymentTermsBaseDays,
  nullif(c.TaxExemptNumber, ''), vendor.id, 3, party.id, contact.id, tax.id,
  ?2, 'team', ?2, ?3, ?4, ?5, ?4, ?5, 0, 1
FROM customer c
LEFT JOIN transactioncurrency currency ON currency.isocurrencycode = c.SalesCurrencyCode
LEFT JOIN msdyn_customergroup grp ON grp.company = ?1 AND grp.msdyn_groupid = c.CustomerGroupId
LEFT JOIN msdyn_paymentday pday ON pday.company = ?1 AND pday.msdyn_name = c.PaymentDay
LEFT JOIN msdyn_customerpaymentmethod method ON method.company = ?1 AND method.msdyn_name = c.PaymentMethod
LEFT JOIN msdyn_paymentschedule schedule ON schedule.company = ?1 AND schedule.msdyn_name = c.PaymentSchedule
LEFT JOIN msdyn_paymentterm term ON term.company = ?1 AND term.msdyn_name = c.PaymentTerms
LEFT JOIN msdyn_vendor vendor ON vendor.company = ?1 AND vendor.msdyn_vendoraccountnumber = c.VendorAccount
LEFT JOIN msdyn_party party ON party.msdyn_partynumber = c.PartyNumber
LEFT JOIN msdyn_contactforparty contact
  ON contact.company = ?1 AND contact.msdyn_contactforpartynumber = c.ContactPersonId
LEFT JOIN msdyn_taxgroup tax ON tax.company = ?1 AND tax.msdyn_name = c.SalesTaxGroup
WHERE c.dataAreaId = ?6 AND c.PartyType = ?7
ORDER BY c.CustomerAccount;

UPDATE account SET msdyn_billingaccount = other.accountid
FROM customer c JOIN account other ON other.msdyn_company = ?1 AND other.accountnumber = c.InvoiceAccount
WHERE account.msdyn_company = ?1 AND account.accountnumber = c.CustomerAccount AND c.InvoiceAccount <> '';
