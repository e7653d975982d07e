"""Plain Python: values, states, rules and errors. Knows neither HTTP nor AWS nor images."""
