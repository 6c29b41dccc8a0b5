@2026
Feature: The batch that F&O sends
  A transaction of F&O leaves as one batch with one change set, its parts in the order of the database. Debug mode of a table
  map keeps it, and puts it into the error log when it fails.

  Background:
    Given both environments are linked for "USMF"

  @L5 @L6 @L25 @decision-Q5 @decision-Q9
  Scenario: two tables, one batch
    Given the table maps "terms-of-payment-msdyn-paymentterms, Customer groups" run
    And debug mode of the table map "Customer groups" is on
    When one transaction in F&O does:
      | what   | table          | of   | values                                           |
      | create | PaymentTerms   | USMF | Name: NET10, Description: Ten days               |
      | create | CustomerGroups | USMF | CustomerGroupId: 10, IsSalesTaxIncludedInPrice: Yes |
    Then one batch of 2 parts was sent to Dataverse
    And part 1 of the batch is "POST msdyn_paymentterms" and holds "NET10"
    And part 2 of the batch is "POST msdyn_customergroups" and holds ":\"True\""
    When CustomerGroups "10" of USMF is changed in F&O:
      | Description |
      | Wholesale   |
    Then one batch of 1 part was sent to Dataverse
    And part 1 of the batch is "PATCH msdyn_customergroups" and holds "msdyn_groupid"

  @L34 @decision-Q32
  Scenario Outline: the error log holds the batch in debug mode only (<mode>)
    Given the table map "Customer groups" runs
    And <given>
    When one transaction in F&O does:
      | what   | table          | of   | values                                    |
      | create | CustomerGroups | USMF | CustomerGroupId: 10                       |
      | create | CustomerGroups | USMF | CustomerGroupId: 20, PaymentTermId: NET99 |
    Then it is refused with "LIVE-LOOKUP"
    And the error log of F&O holds <what>
    And the error log of F&O tells of stage 4 and status 2

    Examples:
      | mode | given                                        | what      |
      | on   | debug mode of the table map "Customer groups" is on | the batch |
      | off  | F&O may take five minutes for a transaction  | no batch  |

  @L7
  Scenario: a line refers to the header of its own transaction where the entities are related
    Given the table maps "payment-days-cds-msdyn-paymentdays, payment-day-lines-cds-v2-msdyn-paymentdaylines" run
    And debug mode of the table map "payment-days-cds-msdyn-paymentdays" is on
    When one transaction in F&O does:
      | what   | table                | of   | values                                        |
      | create | PaymentDaysCds       | USMF | Name: FIRST, Description: First of the month  |
      | create | PaymentDayLinesCdsV2 | USMF | Name: FIRST, LineNumber: 1, DayOfMonth: 1     |
    Then one batch of 2 parts was sent to Dataverse
    And part 2 of the batch is "POST msdyn_paymentdaylines" and holds "\"$1\""
