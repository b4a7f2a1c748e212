"""The page and its API: the facade live, its controls, its health, for one hand in the street or a desk at night."""

from facade.web.auth import ANY_ADDRESS
from facade.web.hub import Description, Hub, State
from facade.web.server import Server, bind_page, create_app

__all__ = ["ANY_ADDRESS", "Description", "Hub", "Server", "State", "bind_page", "create_app"]
