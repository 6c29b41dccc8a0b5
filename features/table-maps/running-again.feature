@2026
Feature: Running a table map again after errors
  A map whose initial sync had errors is Not running. The failed execution can be run again, with or without the rows that
  failed, or the map goes live as it is.

  Background:
    Given both environments are linked for "USMF"
    And Dataverse has these transactioncurrency rows:
      | isocurrencycode | currencyname | currencysymbol |
      | USD             | US Dollar    | $              |
    And Dataverse has these msdyn_customergroup rows of USMF:
      | msdyn_groupid | msdyn_description |
      | 20            | Retail            |
    And F&O has 8 CustomersV3 rows of USMF numbered from "US-001" with:
      | OrganizationName | PartyType    | CustomerGroupId | SalesCurrencyCode |
      | Contoso          | Organization | 10              | USD               |
    And F&O has these CustomersV3 rows of USMF:
      | CustomerAccount | OrganizationName | PartyType    | CustomerGroupId | SalesCurrencyCode |
      | US-020          | Fabrikam         | Organization | 20              | USD               |
    When the columns "SalesTaxGroup" are taken out of the table map "Customers V3 (accounts)"
    And the table map "CDS Parties" is run with initial sync
    And the table map "Customers V3 (accounts)" is run with initial sync
    Then 8 rows failed
    And the table map "Customers V3 (accounts)" is Not running

  @B61 @B62 @limit-L8
  Scenario: the details show the first five of eight errors, with direction and job
    Then the initial sync details of "Customers V3 (accounts)" show 5 of 8 errors in "From AX Customers V3 to CRM accounts"
    And the initial sync details of "Customers V3 (accounts)" name a job of F&O
    And the last request for "Customers V3 (accounts)" is error
    And row "US-008" failed with "I3"

  @B63
  Scenario: Skip initial sync goes live, and leaves the failed rows behind
    Given Dataverse has these msdyn_customergroup rows of USMF:
      | msdyn_groupid | msdyn_description |
      | 10            | Wholesale         |
    When the table map "Customers V3 (accounts)" is run without initial sync
    Then the table map "Customers V3 (accounts)" is Running
    When CustomersV3 "US-020" of USMF is changed in F&O:
      | CreditLimit |
      | 500         |
    Then the save reached the other side
    And there is no account "US-001" of USMF

  @B64 @decision-21
  Scenario: Re-run execution sends the failed rows too, and ends Running once the cause is gone
    When the execution of "Customers V3 (accounts)" is run again
    Then 8 rows failed
    And the table map "Customers V3 (accounts)" is Not running
    Given Dataverse has these msdyn_customergroup rows of USMF:
      | msdyn_groupid | msdyn_description |
      | 10            | Wholesale         |
    When the execution of "Customers V3 (accounts)" is run again
    Then 0 rows failed
    And there is account "US-001" of USMF
    And the table map "Customers V3 (accounts)" is Running

  @B65 @decision-21
  Scenario: Rerun execution without errors adds what is new and leaves the failed rows out
    Given F&O has these CustomersV3 rows of USMF:
      | CustomerAccount | OrganizationName | PartyType    | CustomerGroupId | SalesCurrencyCode |
      | US-030          | Litware          | Organization | 20              | USD               |
    When the table map "CDS Parties" is stopped
    And the table map "CDS Parties" is run with initial sync
    And the execution of "Customers V3 (accounts)" is run again without errors
    Then 0 rows failed
    And the execution ended with status "Completed"
    And there is account "US-030" of USMF
    And there is no account "US-001" of USMF
    And the table map "Customers V3 (accounts)" is Not running
    When the table map "Customers V3 (accounts)" is run without initial sync
    Then the table map "Customers V3 (accounts)" is Running

  @B86 @decision-21 @decision-37
  Scenario: a new run is incremental while F&O tracks changes, and failed rows are not sent again
    Given F&O has these CustomersV3 rows of USMF:
      | CustomerAccount | OrganizationName | PartyType    | CustomerGroupId | SalesCurrencyCode |
      | US-030          | Litware          | Organization | 20              | USD               |
    When the table map "CDS Parties" is stopped
    And the table map "CDS Parties" is run with initial sync
    And the table map "Customers V3 (accounts)" is run with initial sync
    Then initial sync moved:
      | into      | exported | inserted | failed |
      | Dataverse | 1        | 1        | 0      |
    And there is no account "US-001" of USMF
    And the table map "Customers V3 (accounts)" is Running

  Scenario: there is nothing to run again where nothing failed
    When the execution of "Customer groups" is run again
    Then it is refused with "SIM-NO-FAILED-RUN"
