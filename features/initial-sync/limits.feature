@2026
Feature: Limits of initial sync
  Documented figures, on the virtual clock and at both sides of each boundary. Volumes are rehearsed: the rows need not
  exist where only their number matters.

  Background:
    Given both environments are linked for "DEMF and USMF"

  @B81 @limit-L1 @decision-17 @decision-27
  Scenario: more than half a million rows of one legal entity are refused, half a million in each of two pass
    Given the side F&O is assumed to have 500001 rows of "Customer groups" for DEMF
    And the side F&O is assumed to have 500000 rows of "Customer groups" for USMF
    When the table map "Customer groups" is run with initial sync
    Then the leg into Dataverse failed with "SIM-ROW-LIMIT"
    And the table map "Customer groups" is Not running
    Given the side F&O is assumed to have 500000 rows of "Customer groups" for DEMF
    When the table map "Customer groups" is run with initial sync
    Then initial sync ran without an error in the last run
    And the table map "Customer groups" is Running

  @B82 @limit-L2 @limit-L3 @limit-L9-to-finops-single-threaded @decision-16 @decision-28
  Scenario Outline: a single-threaded table takes seventy thousand rows into F&O in a day (<rows> into <side>)
    Given the side <source> is assumed to have <rows> rows of "Modes of delivery" for USMF
    When the table map "Modes of delivery" is run with initial sync
    Then <outcome>
    And the table map "Modes of delivery" is <status>

    Examples:
      | source    | side      | rows  | outcome                                           | status      |
      | Dataverse | F&O       | 70000 | initial sync ran without an error                 | Running     |
      | Dataverse | F&O       | 70001 | the leg into F&O failed with "SIM-IMPORT-TIMEOUT" | Not running |
      | F&O       | Dataverse | 70001 | initial sync ran without an error                 | Running     |

  @B82 @limit-L9-to-finops-multi-threaded
  Scenario: a multithreaded table takes half a million
    Given the side Dataverse is assumed to have 500000 rows of "Customer groups" for USMF
    When the table map "Customer groups" is run with initial sync
    Then initial sync ran without an error
    And it took 24 hours

  @limit-L9-to-finops-single-threaded
  Scenario: seventy thousand single-threaded rows take exactly a day
    Given the side Dataverse is assumed to have 70000 rows of "Modes of delivery" for USMF
    When the table map "Modes of delivery" is run with initial sync
    Then it took 1 day

  @B83 @limit-L7 @decision-28
  Scenario Outline: an export from F&O takes five minutes at most (<time>)
    Given an export from F&O takes <time>
    When the table map "Customer groups" is run with initial sync
    Then <outcome>

    Examples:
      | time               | outcome                                                 |
      | 5 minutes          | initial sync ran without an error                       |
      | 5 minutes 1 second | the leg into Dataverse failed with "SIM-EXPORT-TIMEOUT" |

  @B84 @limit-L6 @limit-L6-attempts @decision-15
  Scenario: eleven lookups stop the export from Dataverse, ten do not
    Given Dataverse has these account rows of USMF:
      | accountnumber | name     | customertypecode |
      | CE-1          | Customer | 3                |
    When the table map "Customers V3 (accounts)" is run with initial sync
    Then the leg into F&O failed with "I4"
    And the leg into F&O failed with "5 Attempts to get data"
    When the columns "SalesTaxGroup" are taken out of the table map "Customers V3 (accounts)"
    And the table map "Customers V3 (accounts)" is run with initial sync
    Then initial sync moved:
      | legal entity | into | exported |
      | USMF         | F&O  | 1        |

  @B84
  Scenario: from F&O eleven lookups are no obstacle
    Given Dataverse has these transactioncurrency rows:
      | isocurrencycode | currencyname | currencysymbol |
      | USD             | US Dollar    | $              |
    And Dataverse has these msdyn_customergroup rows of USMF:
      | msdyn_groupid | msdyn_description |
      | 20            | Retail            |
    And F&O has these CustomersV3 rows of USMF:
      | CustomerAccount | OrganizationName | PartyType    | CustomerGroupId | SalesCurrencyCode |
      | US-020          | Fabrikam         | Organization | 20              | USD               |
    When the table map "CDS Parties" is run with initial sync
    And the table map "Customers V3 (accounts)" is run with initial sync
    Then initial sync ran without an error
    And there is account "US-020" of USMF

  @B85 @limit-L6
  Scenario: all lookups arrive in three steps where there are too many for one
    Given Dataverse has these transactioncurrency rows:
      | isocurrencycode | currencyname | currencysymbol |
      | USD             | US Dollar    | $              |
    And Dataverse has these msdyn_taxgroup rows of USMF:
      | msdyn_name |
      | FULL       |
    And Dataverse has these msdyn_customergroup rows of USMF:
      | msdyn_groupid | msdyn_description |
      | 20            | Retail            |
    And Dataverse has these account rows of USMF:
      | accountnumber | name     | customertypecode | msdyn_salestaxgroup | msdyn_customergroupid | transactioncurrencyid |
      | CE-1          | Customer | 3                | FULL                | 20                    | USD                   |
    # One: the optional lookups out.
    When the columns "SalesTaxGroup" are taken out of the table map "Customers V3 (accounts)"
    And the table map "Customers V3 (accounts)" is run with initial sync
    Then initial sync ran without an error
    And CustomersV3 "CE-1" of USMF has:
      | CustomerGroupId | SalesTaxGroup |
      | 20              |               |
    # Two: those in, others out. F&O made a party for the customer, which Dataverse gets first.
    When the table map "CDS Parties" is run with initial sync
    And the table map "Customers V3 (accounts)" is stopped
    And the columns of the table map "Customers V3 (accounts)" are put back
    And the columns "PaymentDay" are taken out of the table map "Customers V3 (accounts)"
    And the table map "Customers V3 (accounts)" is run with initial sync
    Then initial sync ran without an error
    # Three: all back, and live.
    When the table map "Customers V3 (accounts)" is stopped
    And the columns of the table map "Customers V3 (accounts)" are put back
    And the table map "Customers V3 (accounts)" is run without initial sync
    Then the table map "Customers V3 (accounts)" is Running
    And CustomersV3 "CE-1" of USMF has:
      | CustomerGroupId | SalesTaxGroup |
      | 20              | FULL          |
