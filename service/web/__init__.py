"""The HTTP application: routes, the shapes that OpenAPI describes, middleware, and the only wiring."""
