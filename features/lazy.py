"""An attribute that is computed when it is first read and then held by its object."""

from collections.abc import Callable
from typing import Generic, TypeVar, overload

Owner_contra = TypeVar("Owner_contra", contravariant=True)
T = TypeVar("T")


class lazy(Generic[Owner_contra, T]):  # noqa: N801  (used as a decorator, beside `property`)
    """`functools.cached_property` without the lock that it takes in Python 3.11 and no later one.

    An answer reads hundreds of such attributes for the first time, and the lock was half of what that cost. Two threads
    that read at once compute twice, to the same value.
    """

    def __init__(self, compute: Callable[[Owner_contra], T]) -> None:
        self.compute, self.__doc__ = compute, compute.__doc__

    def __set_name__(self, _owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, of: None, _owner: type) -> "lazy[Owner_contra, T]": ...
    @overload
    def __get__(self, of: Owner_contra, _owner: type) -> T: ...
    def __get__(self, of: Owner_contra | None, _owner: type) -> "lazy[Owner_contra, T] | T":
        if of is None:
            return self
        value = of.__dict__[self.name] = self.compute(of)
        return value
