"""Euro reference rates of one day, by the European Central Bank: written by tools/refresh_rates.py.

They compare salaries of different currencies in lists, and nobody is paid by them.
"""

DAY = "2026-10-30"
"""Of which they are."""

PER_EURO = {
    "AUD": "1.5904",
    "BRL": "6.0692",
    "CAD": "1.5606",
    "CHF": "0.9194",
    "CNY": "7.4326",
    "CZK": "24.353",
    "DKK": "7.4735",
    "EUR": "1",
    "GBP": "0.83380",
    "HKD": "8.7652",
    "HUF": "366.33",
    "IDR": "20275.17",
    "ILS": "3.4950",
    "INR": "106.0840",
    "ISK": "136.00",
    "JPY": "175.68",
    "KRW": "1491.76",
    "MXN": "21.1237",
    "MYR": "4.5325",
    "NOK": "10.3120",
    "NZD": "1.9823",
    "PHP": "71.143",
    "PLN": "4.4038",
    "RON": "5.3447",
    "SEK": "10.9780",
    "SGD": "1.4282",
    "THB": "37.683",
    "TRY": "55.8015",
    "USD": "1.1172",
    "ZAR": "18.6455",
}
"""How much of each currency one euro was."""
